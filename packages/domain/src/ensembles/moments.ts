/** Variance over a window without keeping its values: each cycle publishes its moments, and moments can be merged. */
import { type Instant, type Moments, microsOf, type RoundScored } from '@crunch-node/streams';
import { numberOf } from '../metrics/extract.ts';
import { compensatedSum, mean } from '../metrics/returns.ts';
import { LARGEST_ANSWER, usable } from '../usable-number.ts';
import { isEnsemble } from './virtual-model.ts';

/** Null when there is nothing. */
export function momentsOf(values: readonly number[]): Moments | null {
  if (values.length === 0) return null;
  const average = mean(values);
  return {
    count: values.length,
    mean: average,
    m2: compensatedSum(values.map((value) => (value - average) ** 2)),
  };
}

/** Moments of two disjoint sets together (Chan, Golub, LeVeque 1979). */
export function mergeMoments(a: Moments, b: Moments): Moments {
  const count = a.count + b.count;
  const apart = b.mean - a.mean;
  return {
    count,
    mean: a.mean + (apart * b.count) / count,
    m2: a.m2 + b.m2 + (apart * apart * a.count * b.count) / count,
  };
}

/** False where squares of recorded numbers left the range of doubles: such moments cannot be used. */
export const areUsable = ({ mean: average, m2 }: Moments): boolean => Number.isFinite(average) && Number.isFinite(m2);
/**
 * Joint moments of predictions with several fields: the deviations of all fields summed. Null where a field has none.
 * @param fields the moments of each
 */
export function momentsOfAnswer(fields: readonly (Moments | null)[]): Moments | null {
  const known = fields.filter((moments) => moments !== null);
  const [first, ...others] = known;
  if (first === undefined || known.length < fields.length) return null;
  if (others.length === 0) return first;
  const m2 = compensatedSum(known.map((moments) => moments.m2));
  // Each may be small enough to be squared and their sum not.
  if (!Number.isFinite(m2)) return null;
  return {
    count: Math.min(...known.map(({ count }) => count)),
    mean: mean(known.map((moments) => moments.mean)),
    m2,
  };
}

export const populationVariance = ({ count, m2 }: Moments): number => m2 / count;

/** The value of a field of a prediction as a number that can be computed with; null when it is none. */
export function answerIn(field: string, output: Readonly<Record<string, unknown>>): number | null {
  const value = usable(Object.hasOwn(output, field) ? numberOf(output[field]) : null, LARGEST_ANSWER);
  return Number.isNaN(value) ? null : value;
}

/** Real model → field → moments of its scored predictions. @param rounds in canonical order */
export function momentsByModel(
  rounds: readonly RoundScored[],
  fields: readonly string[],
): ReadonlyMap<string, Readonly<Record<string, Moments>>> {
  const answersByRound = new Map<string, Map<string, number[]>>();
  for (const { data } of fields.length === 0 ? [] : rounds) {
    for (const { model_id, outcome, inference_output } of data.outcomes) {
      if (outcome !== 'scored' || isEnsemble(model_id)) continue;
      for (const field of fields) {
        const value = answerIn(field, inference_output);
        if (value === null) continue;
        const byField = answersByRound.get(model_id) ?? new Map<string, number[]>();
        answersByRound.set(model_id, byField);
        const values = byField.get(field);
        if (values === undefined) byField.set(field, [value]);
        else values.push(value);
      }
    }
  }
  return new Map(
    [...answersByRound].map(([model_id, byField]) => [
      model_id,
      Object.fromEntries(
        [...byField].flatMap(([field, values]) => {
          const moments = momentsOf(values);
          return moments !== null && areUsable(moments) ? [[field, moments] as const] : [];
        }),
      ),
    ]),
  );
}

/** A window is kept in so many slots at most: it begins up to that part of its length early. */
const SLOTS = 24;

/** Moments by slot, in order of time. */
export type MomentHistory = readonly { readonly slot: number; readonly moments: Moments }[];

const slotOf = (moment: Instant, hours: number): number => Math.floor((microsOf(moment) * SLOTS) / (hours * 3.6e9));

/** Adds the moments of a cycle. @param hours length of the window */
export function addMoments(history: MomentHistory, at: Instant, moments: Moments, hours: number): MomentHistory {
  const slot = slotOf(at, hours);
  const place = history.findLastIndex((known) => known.slot <= slot);
  const known = history[place];
  return known?.slot === slot
    ? history.with(place, { slot, moments: mergeMoments(known.moments, moments) })
    : history.toSpliced(place + 1, 0, { slot, moments });
}

/** Forgets slots that end at or before a moment. */
export function forgetMoments(history: MomentHistory, until: Instant, hours: number): MomentHistory {
  const oldest = slotOf(until, hours);
  return history[0] !== undefined && history[0].slot < oldest ? history.filter(({ slot }) => slot >= oldest) : history;
}

/** Of the whole history; null when it is empty. */
export const mergedMoments = (history: MomentHistory): Moments | null =>
  history.reduce<Moments | null>((all, { moments }) => (all === null ? moments : mergeMoments(all, moments)), null);
