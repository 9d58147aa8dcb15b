/** How long each stage took, from stamps in unix microseconds. */
import type { TimedPrediction } from '@crunch-node/projections';
import type { JsonObject } from '@crunch-node/streams';

export type Stamps = Readonly<Record<string, number>>;

interface Stage {
  readonly name: string;
  readonly step: number | 'total';
  readonly from: string;
  readonly to: string;
}

const STAGES: readonly Stage[] = [
  { name: 'feed_ingestion', step: 1, from: 'feed_received_us', to: 'feed_normalized_us' },
  { name: 'feed_persistence', step: 2, from: 'feed_normalized_us', to: 'feed_persisted_us' },
  { name: 'notify_latency', step: 3, from: 'notify_sent_us', to: 'notify_received_us' },
  { name: 'data_loading', step: 4, from: 'notify_received_us', to: 'data_loaded_us' },
  { name: 'pre_model', step: 5, from: 'data_loaded_us', to: 'models_dispatched_us' },
  { name: 'model_execution', step: 6, from: 'models_dispatched_us', to: 'models_completed_us' },
  { name: 'post_model', step: 7, from: 'models_completed_us', to: 'callback_started_us' },
  { name: 'callback_execution', step: 8, from: 'callback_started_us', to: 'callback_completed_us' },
  { name: 'prediction_persistence', step: 9, from: 'callback_completed_us', to: 'persistence_completed_us' },
  { name: 'end_to_end', step: 'total', from: 'feed_received_us', to: 'persistence_completed_us' },
];

/** Of a record: its stamps as ingest names them, and when the server stored it, which is when readers could have it. */
const FEED_STAMPS: readonly (readonly [string, string])[] = [
  ['feed_received_us', 'received_us'],
  ['feed_normalized_us', 'normalized_us'],
  ['feed_persisted_us', 'stored_us'],
  ['notify_sent_us', 'stored_us'],
];

/** All stamps of a prediction. There is no hook behind the models: its stage begins and ends when they are done. */
export function stampsOf({ timing, feed }: Pick<TimedPrediction, 'timing' | 'feed'>): Stamps {
  const own = numbers(timing);
  const record = numbers(feed ?? {});
  const done = own.models_completed_us;
  return {
    ...Object.fromEntries(
      FEED_STAMPS.flatMap(([name, stamp]) => (record[stamp] === undefined ? [] : [[name, record[stamp]]])),
    ),
    ...(done === undefined ? {} : { callback_started_us: done, callback_completed_us: done }),
    ...own,
  };
}

const numbers = (stamps: JsonObject): Record<string, number> =>
  Object.fromEntries(
    Object.entries(stamps).filter((stamp): stamp is [string, number] => Number.isSafeInteger(stamp[1])),
  );

export interface StageLatency {
  readonly name: string;
  readonly step: number | 'total';
  readonly pct_of_total: number | null;
  readonly count: number;
  readonly mean_us: number | null;
  readonly median_us: number | null;
  readonly min_us: number | null;
  readonly max_us: number | null;
  readonly p95_us: number | null;
  readonly p99_us: number | null;
}

/** Every stage in order, or none when there is no data. */
export function stageLatencies(samples: readonly Stamps[]): StageLatency[] {
  if (samples.length === 0) return [];
  const durations = STAGES.map(({ from, to }) => samples.flatMap((stamps) => durationsOf(stamps[from], stamps[to])));
  const total = meanOf(durations.at(-1) ?? []);
  return STAGES.map(({ name, step }, i) => ({ name, step, ...latencyOf(durations[i] ?? [], total) }));
}

const durationsOf = (from: number | undefined, to: number | undefined): number[] =>
  from === undefined || to === undefined || to < from ? [] : [to - from];

const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

function latencyOf(durations: readonly number[], total: number | null): Omit<StageLatency, 'name' | 'step'> {
  const sorted = [...durations].sort((a, b) => a - b);
  const mean_us = meanOf(sorted);
  const at = (p: number): number | null => percentile(sorted, p);
  return {
    pct_of_total: mean_us === null || total === null || total === 0 ? null : Math.round((1000 * mean_us) / total) / 10,
    count: sorted.length,
    mean_us,
    median_us: at(50),
    min_us: sorted[0] ?? null,
    max_us: sorted.at(-1) ?? null,
    p95_us: at(95),
    p99_us: at(99),
  };
}

/** The exclusive method, kept within what was measured. @param sorted ascending */
export function percentile(sorted: readonly number[], p: number): number | null {
  const n = sorted.length;
  if (n < 2) return sorted[0] ?? null;
  const place = (p * (n + 1)) / 100;
  const below = Math.min(Math.max(Math.floor(place), 1), n - 1);
  const [low, high] = [sorted[below - 1]!, sorted[below]!];
  return Math.min(Math.max(low + (place - below) * (high - low), sorted[0]!), sorted[n - 1]!);
}
