/** A model's snapshot values by hour, so that a window is a few sums instead of thousands of values. */
import { type Instant, microsOf, type SnapshotTaken } from '@crunch-node/streams';

interface Entry {
  readonly period_end: Instant;
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

const hourOf = (moment: Instant): number => Math.floor(microsOf(moment) / 3.6e9);

/** How much a snapshot weighs in means: its predictions that were scored. */
export const weightOf = ({ data }: SnapshotTaken): number => data.prediction_count - data.failed_count;

/** Adds a snapshot's value; one without a finite number, or of failures only, adds nothing. */
export function addValue(history: ValueHistory, snapshot: SnapshotTaken, valueField: string): ValueHistory {
  const value = snapshot.data.result_summary[valueField];
  const weight = weightOf(snapshot);
  if (typeof value !== 'number' || !Number.isFinite(value) || weight <= 0) return history;
  const { period_end } = snapshot.data;
  const hour = hourOf(period_end);
  const at = history.findLastIndex((known) => known.hour <= hour);
  const known = history[at]?.hour === hour ? history[at] : { hour, entries: [], weighted: 0, weight: 0 };
  const extended = {
    hour,
    entries: [...known.entries, { period_end, value, weight }],
    weighted: known.weighted + value * weight,
    weight: known.weight + weight,
  };
  return history[at]?.hour === hour ? history.with(at, extended) : history.toSpliced(at + 1, 0, extended);
}

/** Mean over what lies after a moment, weighted by scored predictions; null when there is nothing. */
export function meanAfter(history: ValueHistory, moment: Instant): number | null {
  const oldest = hourOf(moment);
  let weighted = 0;
  let weight = 0;
  for (const hour of history) {
    if (hour.hour < oldest) continue;
    const kept = hour.hour > oldest ? hour : partial(hour, moment);
    weighted += kept.weighted;
    weight += kept.weight;
  }
  return weight > 0 ? weighted / weight : null;
}

function partial({ entries }: Hour, moment: Instant): { weighted: number; weight: number } {
  let weighted = 0;
  let weight = 0;
  for (const entry of entries) {
    if (entry.period_end <= moment) continue;
    weighted += entry.value * entry.weight;
    weight += entry.weight;
  }
  return { weighted, weight };
}

/** Forgets whole hours before a moment. */
export function forgetBefore(history: ValueHistory, moment: Instant): ValueHistory {
  const oldest = hourOf(moment);
  return history[0] !== undefined && history[0].hour < oldest ? history.filter(({ hour }) => hour >= oldest) : history;
}
