import { isDeepStrictEqual } from 'node:util';
import { type LoadedConfig, serialisablePart } from '@crunch-node/config';
import { type ConfiguredEnsembles, configuredEnsembles } from '@crunch-node/domain';
import type { ReadableLog } from '@crunch-node/eventlog';
import { eventsIn } from '@crunch-node/service';
import type { Writership } from '@crunch-node/stages';
import { type ConfigActivated, type Cycle, control, type JsonObject, signals } from '@crunch-node/streams';
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
  /** @param command that would load the right one; null: not known */
  constructor(origin: string, differing: readonly string[], command: string | null) {
    const where = differing.length > 0 ? `they differ in ${differing.join(', ')}` : 'the text of the module differs';
    const way =
      command === null
        ? 'Name the right one with --config, or --demo with the options of the run'
        : `What ran is a demo: ${command}`;
    super(
      `expected the configuration the log was written with, received ${origin}: ${where}. ${way}; ` +
        '`crunch-node whatif` shows what another one would change',
    );
  }
}

/** The command that would load a running configuration; null where it is not known. */
export type CommandFor = (running: { readonly hash: string; readonly config: JsonObject }) => Promise<string | null>;

/** The last configuration of the log. @throws {NothingRecorded} {OtherConfiguration} when another one was loaded */
export async function assertRecorded(
  recorded: readonly ConfigActivated[],
  { config, hash, origin }: LoadedConfig,
  commandFor: CommandFor = async () => null,
) {
  const active = recorded.at(-1);
  if (active === undefined) throw new NothingRecorded();
  if (active.data.config_hash === hash) return active;
  const here = serialisablePart(config);
  const there = active.data.config;
  const names = [...new Set([...Object.keys(here), ...Object.keys(there)])].sort();
  throw new OtherConfiguration(
    origin,
    names.filter((name) => !isDeepStrictEqual(here[name], there[name])),
    await commandFor({ hash: active.data.config_hash, config: there }),
  );
}
