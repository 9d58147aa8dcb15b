import { isDeepStrictEqual } from 'node:util';
import { type LoadedConfig, serialisablePart } from '@crunch-node/config';
import type { EventLog } from '@crunch-node/eventlog';
import { eventsIn } from '@crunch-node/service';
import { type ConfigActivated, control } from '@crunch-node/streams';

/** The configurations a log was written with, in their order. */
export const recordedConfigurations = (log: EventLog): Promise<readonly ConfigActivated[]> => eventsIn(log, control);

export class NothingRecorded extends Error {
  override readonly name = 'NothingRecorded';
  constructor() {
    super('expected a log with an active configuration, found none: nothing ran here yet');
  }
}

/** The configuration here is not the one the log was written with. */
export class OtherConfiguration extends Error {
  override readonly name = 'OtherConfiguration';
  constructor(origin: string, differing: readonly string[]) {
    const where = differing.length > 0 ? `they differ in ${differing.join(', ')}` : 'the text of the module differs';
    super(
      `expected the configuration the log was written with, received ${origin}: ${where}. Name the right one with ` +
        '--config (or --demo with its options); what another one would change is told by `crunch-node whatif`',
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
