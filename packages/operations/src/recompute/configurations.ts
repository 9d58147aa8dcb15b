import { isDeepStrictEqual } from 'node:util';
import { type LoadedConfig, serialisablePart } from '@crunch-node/config';
import { type ConfiguredEnsembles, configuredEnsembles } from '@crunch-node/domain';
import type { ReadableLog } from '@crunch-node/eventlog';
import { eventsIn } from '@crunch-node/service';
import type { Writership } from '@crunch-node/stages';
import { type ConfigActivated, type Cycle, control, signals } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';

/** The configurations a log was written with, in their order. */
export const recordedConfigurations = (log: ReadableLog): Promise<readonly ConfigActivated[]> => eventsIn(log, control);

/** The ensembles of these configurations, and whether there were any. */
export async function recordedEnsembles(
  log: ReadableLog,
): Promise<{ readonly configured: ConfiguredEnsembles; readonly hasAny: boolean }> {
  const activations = await recordedConfigurations(log);
  return {
    configured: await configuredEnsembles(async () => activations),
    hasAny: activations.some(({ data }) => data.ensembles.length > 0),
  };
}

/**
 * Cycles that are taken as recorded when a configuration is verified: those of other configurations, with other
 * results. Signals are verified in all cycles, since they follow from the recorded data of every configuration.
 */
export const underAnother =
  (config_hash: string, configured: ConfiguredEnsembles) =>
  (cycle: Cycle, { stream }: Writership): boolean =>
    cycle.config_hash !== config_hash && (stream.name !== signals.name || configured.of(cycle) === undefined);

export class NothingRecorded extends CrunchError {
  override readonly name = 'NothingRecorded';
  override readonly code = 'nothing_recorded';
  constructor() {
    super('expected a log with an active configuration, found none: nothing ran here yet');
  }
}

/** The loaded configuration is not the one the log was written with. */
export class OtherConfiguration extends CrunchError {
  override readonly name = 'OtherConfiguration';
  override readonly code = 'other_configuration';
  constructor(origin: string, differing: readonly string[]) {
    const where = differing.length > 0 ? `they differ in ${differing.join(', ')}` : 'the text of the module differs';
    super(
      `expected the configuration the log was written with, received ${origin}: ${where}. Name the right one with ` +
        '--config (or --demo with its options); `crunch-node whatif` shows what another one would change',
    );
  }
}

/** The last configuration of the log. @throws {NothingRecorded} {OtherConfiguration} when another one was loaded */
export function assertRecorded(recorded: readonly ConfigActivated[], { config, hash, origin }: LoadedConfig) {
  const active = recorded.at(-1);
  if (active === undefined) throw new NothingRecorded();
  if (active.data.config_hash === hash) return active;
  const here = serialisablePart(config);
  const there = active.data.config;
  const names = [...new Set([...Object.keys(here), ...Object.keys(there)])].sort();
  throw new OtherConfiguration(
    origin,
    names.filter((name) => !isDeepStrictEqual(here[name], there[name])),
  );
}
