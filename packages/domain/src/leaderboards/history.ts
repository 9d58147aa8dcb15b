/** A model's snapshot values by hour, so that a window is a few sums instead of thousands of values. */
import { type Instant, microsOf, type SnapshotTaken } from '@crunch-node/streams';

interface Entry {
  /** end of the period in microseconds since the epoch: compared thousands of times a cycle */
  readonly at: number;
  readonly value: number;
  readonly weight: number;
}

interface Hour {
  /** hours since the epoch */
  readonly hour: number;
  readonly entries: readonly Entry[];
  readonly weighted: number;
  readonly weight: number;
}

/** In order of time. */
export type ValueHistory = readonly Hour[];

const hourOf = (micros: number): number => Math.floor(micros / 3.6e9);

/** How much a snapshot weighs in means: its predictions that were scored. */
export const weightOf = ({ data }: SnapshotTaken): number => data.prediction_count - data.failed_count;

/** Adds a snapshot's value; one without a finite number, or of failures only, adds nothing. */
export function addValue(history: ValueHistory, snapshot: SnapshotTaken, valueField: string): ValueHistory {
  const value = snapshot.data.result_summary[valueField];
  const weight = weightOf(snapshot);
  if (typeof value !== 'number' || !Number.isFinite(value) || weight <= 0) return history;
  const at = microsOf(snapshot.data.period_end);
  const hour = hourOf(at);
  const place = history.findLastIndex((known) => known.hour <= hour);
  const known = history[place]?.hour === hour ? history[place] : { hour, entries: [], weighted: 0, weight: 0 };
  const extended = {
    hour,
    entries: [...known.entries, { at, value, weight }],
    weighted: known.weighted + value * weight,
    weight: known.weight + weight,
  };
  return history[place]?.hour === hour ? history.with(place, extended) : history.toSpliced(place + 1, 0, extended);
}

/** Start of a window: values at it or before are too old. */
export interface WindowStart {
  readonly hour: number;
  readonly micros: number;
}

export const windowStart = (moment: Instant): WindowStart => {
  const micros = microsOf(moment);
  return { hour: hourOf(micros), micros };
};

/**
 * Mean of the values after a moment, weighted by scored predictions; null when there is none, not finite when the sum is
 * beyond the range of doubles.
 */
export const meanAfter = (history: ValueHistory, start: WindowStart): number | null => scoreAfter(history, start).mean;

/** The same, with the number of scored predictions it comes from. */
export function scoreAfter(
  history: ValueHistory,
  start: WindowStart,
): { readonly mean: number | null; readonly rounds: number } {
  let weighted = 0;
  let weight = 0;
  for (const hour of history) {
    if (hour.hour < start.hour) continue;
    const kept = hour.hour > start.hour ? hour : partial(hour, start.micros);
    weighted += kept.weighted;
    weight += kept.weight;
  }
  return { mean: weight > 0 ? weighted / weight : null, rounds: weight };
}

function partial({ entries }: Hour, start: number): { weighted: number; weight: number } {
  let weighted = 0;
  let weight = 0;
  for (const entry of entries) {
    if (entry.at <= start) continue;
    weighted += entry.value * entry.weight;
    weight += entry.weight;
  }
  return { weighted, weight };
}

/** Forgets whole hours before a moment. */
export const forgetBefore = (history: ValueHistory, start: WindowStart): ValueHistory =>
  history[0] !== undefined && history[0].hour < start.hour ? history.filter(({ hour }) => hour >= start.hour) : history;
