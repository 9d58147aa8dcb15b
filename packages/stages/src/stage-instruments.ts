import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Partition } from './ownership/partition.ts';

/** Seconds, from a local response to a stalled stage. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const BATCH_EVENTS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];

/** Why a partition changes owner, or stops being owned here. */
export type LeaseChange = 'acquired' | 'lost' | 'released';

/** What a partition reports when metrics are collected. */
export interface Watched {
  readonly partition: Partition;
  /** ends of cycles: the newest one closed by an input, the last one closed by this partition */
  readonly seen: string | null;
  readonly closed: string | null;
  /** events, cycles or rounds in progress */
  readonly pending: number;
}

/** Metrics of one stage: `crunch_<stage>_…`. Several starts in one process add up. */
export interface StageInstruments {
  /** A batch was read. */
  batch(stream: string, counts: { events: number; unknown: number; malformed: number; pending: number }): void;
  /** An event was stored. */
  stored(partition: Partition, tookMs: number, attempts: number, duplicate: boolean): void;
  /** All events caused by one cycle or one event were stored. */
  committed(seconds: number): void;
  cycleClosed(partition: Partition): void;
  lease(change: LeaseChange): void;
  reloaded(reason: string): void;
  instances(live: number): void;
  /** A state of a partition was saved. */
  stateSaved(partition: Partition, bytes: number, seconds: number): void;
  stateNotSaved(): void;
  /** The result of looking for a saved state. */
  stateLoaded(outcome: 'used' | 'refused' | 'none' | 'failed'): void;
  /** Source of the currently owned partitions. */
  watch(owned: () => Iterable<Watched>): void;
}

/** @param stage as in `crunch_score_…` */
export function stageInstruments(registry: Registry, stage: string): StageInstruments {
  const named = (name: string): string => `crunch_${stage}_${name}`;
  const once = <T>(name: string, make: () => T): T =>
    (registry.getSingleMetric(named(name)) as T | undefined) ?? make();
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L> =>
    once(name, () => new Counter({ name: named(name), help, labelNames, registers: [registry] }));
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]): Gauge<L> =>
    once(name, () => new Gauge({ name: named(name), help, labelNames, registers: [registry] }));
  const histogram = (name: string, help: string, buckets: number[]): Histogram =>
    once(name, () => new Histogram({ name: named(name), help, buckets, registers: [registry] }));

  const read = counter('events_read_total', 'Events read from the log', ['stream']);
  const unknown = counter('unknown_events_total', 'Events of a type or version this code does not know', ['stream']);
  const malformed = counter('malformed_events_total', 'Messages that were no events of their stream', ['stream']);
  const lag = gauge('lag_messages', 'Messages of an input not read yet, as the server last reported', ['stream']);
  const batches = histogram('batch_events', 'Events per batch read', BATCH_EVENTS);
  const published = counter('events_said_total', 'Events stored in the log', ['partition']);
  const acks = histogram('publish_ack_seconds', 'From handing an event over to its acknowledgement', SECONDS);
  const retries = counter('publish_retries_total', 'Events sent again because their fate was not known', []);
  const duplicates = counter('duplicates_ignored_total', 'Events an earlier attempt of ours had already stored', []);
  const commits = histogram(
    'commit_seconds',
    'From having all input of a cycle or event to all output stored',
    SECONDS,
  );
  const cycles = counter('cycles_closed_total', 'Cycles closed', ['partition']);
  const leases = counter('lease_changes_total', 'Leases acquired, lost and released', ['change']);
  const reloads = counter('reloads_total', 'Partitions dropped and rebuilt from the log', ['reason']);
  const saves = counter('states_saved_total', 'Saved states of partitions', ['partition']);
  const stateBytes = gauge('state_bytes', 'Size of the state saved last', ['partition']);
  const saveSeconds = histogram('state_save_seconds', 'From beginning to save a state to having saved it', SECONDS);
  const unsaved = counter('states_not_saved_total', 'States that could not be saved', []);
  const loads = counter('states_loaded_total', 'Saved states looked for by partitions, and what became of it', [
    'outcome',
  ]);
  const live = gauge('instances', 'Live instances of the service, as this one sees them', []);

  return {
    batch(stream, { events, pending, ...odd }) {
      read.inc({ stream }, events);
      if (odd.unknown > 0) unknown.inc({ stream }, odd.unknown);
      if (odd.malformed > 0) malformed.inc({ stream }, odd.malformed);
      lag.set({ stream }, pending);
      batches.observe(events);
    },
    stored(partition, tookMs, attempts, duplicate) {
      published.inc({ partition });
      acks.observe(tookMs / 1000);
      if (attempts > 1) retries.inc(attempts - 1);
      if (duplicate) duplicates.inc();
    },
    committed: (seconds) => commits.observe(seconds),
    cycleClosed: (partition) => cycles.inc({ partition }),
    lease: (change) => leases.inc({ change }),
    reloaded: (reason) => reloads.inc({ reason }),
    instances: (count) => live.set(count),
    stateSaved(partition, bytes, seconds) {
      saves.inc({ partition });
      stateBytes.set({ partition }, bytes);
      saveSeconds.observe(seconds);
    },
    stateNotSaved: () => unsaved.inc(),
    stateLoaded: (outcome) => loads.inc({ outcome }),
    watch(owned) {
      registry.removeSingleMetric(named('owned_partitions'));
      registry.removeSingleMetric(named('lag_seconds'));
      registry.removeSingleMetric(named('pending'));
      new Gauge({
        name: named('owned_partitions'),
        help: 'Partitions this process works on',
        registers: [registry],
        collect() {
          this.set([...owned()].length);
        },
      });
      new Gauge({
        name: named('pending'),
        help: 'Events, cycles or rounds that are read and not done',
        labelNames: ['partition'],
        registers: [registry],
        collect() {
          this.reset();
          for (const { partition, pending } of owned()) this.set({ partition }, pending);
        },
      });
      new Gauge({
        name: named('lag_seconds'),
        help: 'Event time between the newest cycle an input has closed and the last one closed here',
        labelNames: ['partition'],
        registers: [registry],
        collect() {
          this.reset();
          for (const { partition, seen, closed } of owned()) {
            if (seen !== null) this.set({ partition }, closed === null ? 0 : secondsBetween(closed, seen));
          }
        },
      });
    },
  };
}

const secondsBetween = (earlier: string, later: string): number =>
  Math.max(0, (Date.parse(later) - Date.parse(earlier)) / 1000);
