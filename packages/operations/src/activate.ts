import { setTimeout as delay } from 'node:timers/promises';
import { refuseStub, serialisablePart } from '@crunch-node/config';
import { type CrunchConfig, enabledEnsembles } from '@crunch-node/domain';
import type { EventLog } from '@crunch-node/eventlog';
import {
  ConfigActivated,
  control,
  encodeEvent,
  instantOfMillis,
  type JsonObject,
  type Pace,
} from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';

const ADDRESS = 'control.config';

/** The number of partitions of a log is fixed: every key in it depends on the number. */
export class PartitionsChanged extends CrunchError {
  override readonly name = 'PartitionsChanged';
  override readonly code = 'partitions_changed';
  readonly recorded: number;
  readonly wanted: number;
  constructor(recorded: number, wanted: number) {
    super(
      `expected partitions ${recorded}, which every key of this log depends on, received ${wanted}: ` +
        `set PARTITIONS=${recorded}, or start a new deployment (another CRUNCH_NAMESPACE or data folder) and seed it again`,
    );
    this.recorded = recorded;
    this.wanted = wanted;
  }
}

/** A configuration is a single event, so the server's payload limit applies to it. */
export class ConfigTooLarge extends CrunchError {
  override readonly name = 'ConfigTooLarge';
  override readonly code = 'config_too_large';
  constructor(bytes: number, takes: number, config: JsonObject) {
    const sizes = Object.entries(config).map(([key, value]) => ({ key, bytes: JSON.stringify(value).length }));
    const largest = sizes.sort((a, b) => b.bytes - a.bytes).slice(0, 3);
    super(
      `expected a configuration of at most ${takes} bytes, which the server takes in a message, received ${bytes}: ` +
        `${largest.map((part) => `${part.key} has ${part.bytes}`).join(', ')}. Shorten it, or raise max_payload`,
    );
  }
}

export interface Activation {
  readonly revision: number;
  /** false when this configuration was the active one already */
  readonly changed: boolean;
}

/**
 * Makes a configuration the active one, from the next cycle to close. Appends nothing when hash and pace equal the last
 * recorded ones. Of two concurrent activations one is fenced, and fails.
 * @throws {PartitionsChanged} {ScoringIsStub}
 */
export async function activateConfig(
  log: EventLog,
  config: CrunchConfig,
  configHash: string,
  pace: Pace,
): Promise<Activation> {
  refuseStub(config, pace);
  const expectedLastSequence = await log.lastSequence(control, ADDRESS);
  const last = await log.last(control, ADDRESS);
  const active = last?.event.data;
  if (active !== undefined && active.partitions !== config.partitions) {
    throw new PartitionsChanged(active.partitions, config.partitions);
  }
  const takes = config.max_event_bytes ?? log.capabilities.maxPayload;
  const isSame = active?.config_hash === configHash && active.pace === pace;
  // A smaller event limit of the server has to be recorded; a larger one changes nothing by itself.
  if (isSame && (active.max_event_bytes ?? 0) <= takes) return { revision: active.revision, changed: false };
  const revision = active === undefined ? 0 : active.revision + 1;
  // A command from outside is the only event here with a wall-clock time.
  const event = ConfigActivated.at(instantOfMillis(Date.now()), {
    revision,
    config_hash: configHash,
    pace,
    partitions: config.partitions,
    max_event_bytes: takes,
    cycle_seconds: config.cycle_seconds,
    ensembles: enabledEnsembles(config).map(({ name }) => name),
    config: serialisablePart(config),
  });
  const bytes = encodeEvent(event).length;
  if (bytes > takes) throw new ConfigTooLarge(bytes, takes, serialisablePart(config));
  const publisher = log.publisher();
  try {
    await publisher.append(control, { event, natsSubject: ADDRESS, expectedLastSequence });
  } finally {
    await publisher.close();
  }
  return { revision, changed: true };
}

/** Resolves with the active configuration once there is one. */
export async function awaitActive(log: EventLog, signal: AbortSignal): Promise<ConfigActivated> {
  for (;;) {
    const last = await log.last(control, ADDRESS);
    if (last !== null) return last.event;
    await delay(200, undefined, { signal });
  }
}
