/** Fixed stretches of time, by which long series are thinned: the same in a query a moment later. */
import { type Instant, microsOf } from '@crunch-node/streams';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LENGTHS = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 3, 5, 10, 15, 20, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 4, 6, 8, 12].map((hours) => hours * HOUR),
];

/** Stretches that begin at multiples of their length since the epoch, each without its beginning and with its end. */
export interface Stretches {
  readonly seconds: number;
  /** stretch `n` reaches from `n * seconds` to `(n + 1) * seconds` */
  readonly first: number;
  readonly last: number;
}

/**
 * The shortest stretches of which no more than `points` are needed. Their bounds follow from the length alone, so two
 * questions of the same length of time have all stretches in common that lie within both.
 * @param points at least 1; one is a single stretch from `start` to `end`
 */
export function stretchesOf(
  { start, end }: { readonly start: Instant; readonly end: Instant },
  points: number,
): Stretches {
  // Nothing is older than the epoch; open ends are.
  const [from, to] = [Math.max(0, microsOf(start) / 1e6), Math.max(0, microsOf(end) / 1e6)];
  const fits = (seconds: number): boolean => placeOf(to, seconds) - placeOf(from, seconds) < points;
  // Judged by the span alone, so that the length does not depend on where the span begins.
  const needed = points > 1 ? (to - from) / (points - 1) : Number.POSITIVE_INFINITY;
  const days = Math.max(1, Math.ceil(needed / DAY));
  let seconds = LENGTHS.find((length) => length >= needed) ?? (Number.isFinite(days) ? days * DAY : DAY);
  while (!fits(seconds)) seconds *= 2;
  return { seconds, first: placeOf(from, seconds), last: placeOf(to, seconds) };
}

/** The stretch a time lies in. */
export const slotOf = (time: Instant, seconds: number): number => placeOf(microsOf(time) / 1e6, seconds);

/** Whose end is inside: a whole multiple belongs to the stretch before it. */
const placeOf = (time: number, seconds: number): number => Math.ceil(time / seconds) - 1;

/** The last one of each stretch, in the order given. @param sorted by time */
export function lastOfEach<T>(sorted: readonly T[], timeOf: (one: T) => Instant, { seconds }: Stretches): T[] {
  const placed = sorted.map((one) => slotOf(timeOf(one), seconds));
  return sorted.filter((_, i) => placed[i] !== placed[i + 1]);
}
