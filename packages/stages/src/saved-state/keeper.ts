import type { LogLookup, LogStates, StateHead, StateStore } from '@crunch-node/eventlog';
import { leaseNameOf } from '@crunch-node/pipeline';
import type { Instant, JsonObject, StreamDefinition } from '@crunch-node/streams';
import type { Logger } from 'pino';
import type { Partition } from '../ownership/partition.ts';
import type { StageInstruments } from '../stage-instruments.ts';
import { decodeState } from './codec.ts';
import { arePlaces, asJson, isUnchanged } from './place.ts';
import type { SavedState } from './saved-state.ts';
import { type Saver, saverOf } from './saver.ts';

/** Saves the states of a stage's partitions, and finds them again. Saved states save time and decide nothing. */
export interface StateKeeper {
  /**
   * The newest state that matches the code, the configuration and the log, of a cycle the partition has closed; null:
   * the partition starts with the first cycle.
   * @param publishedUntil end of the last cycle it has closed; empty: none
   */
  load(partition: Partition, inputs: readonly StreamDefinition[], publishedUntil: string): Promise<SavedState | null>;
  saver(partition: Partition, signal: AbortSignal): Saver;
}

export interface KeeperContext {
  readonly service: string;
  readonly partitions: readonly Partition[];
  readonly log: LogLookup & LogStates;
  readonly configHash: string;
  /** identifies the code; asked for when the first state is loaded */
  readonly fingerprint: () => string;
  readonly logger: Logger;
  readonly instruments: StageInstruments;
  /** minimum seconds between two states of a partition */
  readonly everySeconds: number;
}

export function stateKeeper(context: KeeperContext): StateKeeper {
  const { service, partitions, log, configHash, logger, instruments } = context;
  const identities = new Map<Partition, JsonObject>();
  let opened: Promise<StateStore> | undefined;

  /** Opened again after a failure: the bucket may have been deleted. */
  const store = async <T>(work: (store: StateStore) => Promise<T>): Promise<T> => {
    opened ??= log.states();
    const opening = opened;
    try {
      return await work(await opening);
    } catch (error) {
      if (opened === opening) opened = undefined;
      throw error;
    }
  };

  function identityOf(partition: Partition): JsonObject {
    let identity = identities.get(partition);
    if (identity === undefined) {
      identity = {
        format: 2,
        service,
        partition,
        partitions: partitions.length,
        config_hash: configHash,
        fingerprint: context.fingerprint(),
      };
      identities.set(partition, identity);
    }
    return identity;
  }

  const nameOf = (partition: Partition): string => leaseNameOf(service, partition, partitions);
  /** slot of the state a partition started with, or saved last: the other one is written next */
  const slots = new Map<Partition, number>();

  async function restore(
    head: StateHead,
    partition: Partition,
    inputs: readonly StreamDefinition[],
  ): Promise<SavedState | string> {
    const { places, closing_sequence: closingSequence, cycle_end } = head.about;
    if (!arePlaces(places)) return 'the places it was read to are missing';
    for (const place of Object.values(places)) {
      const stream = inputs.find(({ name }) => name === place.stream);
      if (stream === undefined || !(await isUnchanged(log, stream, place))) return 'the log holds something else today';
    }
    const bytes = await store((states) => states.load(nameOf(partition), head));
    if (bytes === null) return 'its bytes are not those that were saved';
    const { state, traces } = decodeState(bytes) as Required<Pick<SavedState, 'state' | 'traces'>>;
    return {
      cycle_end: cycle_end as Instant,
      places,
      closingSequence: closingSequence as number,
      state,
      traces,
    };
  }

  return {
    async load(partition, inputs, publishedUntil) {
      try {
        const identity = Object.entries(identityOf(partition));
        const heads = (await store((states) => states.heads(nameOf(partition))))
          .filter(({ about }) => identity.every(([key, value]) => about[key] === value))
          .filter(({ about }) => typeof about.cycle_end === 'string' && about.cycle_end <= publishedUntil)
          .sort((a, b) => (String(a.about.cycle_end) < String(b.about.cycle_end) ? 1 : -1));
        for (const head of heads) {
          const saved = await restore(head, partition, inputs).catch((error: unknown) => String(error));
          const about = { partition, cycle_end: head.about.cycle_end, bytes: head.bytes };
          if (typeof saved !== 'string') {
            logger.info(about, 'saved state loaded');
            instruments.stateLoaded('used');
            slots.set(partition, head.slot);
            return saved;
          }
          logger.warn({ ...about, reason: saved }, 'saved state rejected');
          instruments.stateLoaded('refused');
        }
        instruments.stateLoaded('none');
      } catch (error) {
        logger.warn(
          { reason: String(error), partition },
          `${service} finds no saved states: it reads from the beginning`,
        );
        instruments.stateLoaded('failed');
      }
      return null;
    },

    saver: (partition, signal) =>
      saverOf({
        everyMs: context.everySeconds * 1000,
        signal,
        async save({ cycle_end, places, closingSequence }, parts) {
          const about = { cycle_end, places: asJson(places), closing_sequence: closingSequence };
          const slot = 1 - (slots.get(partition) ?? 1);
          const identity = identityOf(partition);
          const bytes = await store((states) =>
            states.save(nameOf(partition), slot, { ...identity, ...about }, parts, signal),
          );
          slots.set(partition, slot);
          return bytes;
        },
        saved(bytes, seconds) {
          logger.debug({ partition, bytes, seconds }, 'state saved');
          instruments.stateSaved(partition, bytes, seconds);
        },
        failed(error, isFirst) {
          if (isFirst) logger.warn({ reason: String(error), partition }, 'state not saved');
          instruments.stateNotSaved();
        },
      }),
  };
}
