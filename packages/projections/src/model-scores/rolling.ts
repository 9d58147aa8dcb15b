/** Means over windows that end at several moments, computed from sums between their bounds. */
import { addSeconds, type Instant, instantOfMicros, microsOf } from '@crunch-node/streams';

export interface ScoreWindow {
  readonly name: string;
  readonly hours: number;
}

/** A moment at which windows end. They reach back from `at`, and hold what lies before `until`. */
export interface Mark {
  readonly at: Instant;
  readonly until: Instant;
}

/** Places among the cuts, counted from 1. */
interface MarkBounds {
  /** end of the mark before, or the beginning of the span */
  readonly since: number;
  readonly until: number;
  /** where each window begins */
  readonly windows: readonly number[];
}

/** Where windows end, and all their bounds in order. */
export interface Cuts {
  readonly marks: readonly Mark[];
  readonly cuts: readonly Instant[];
  /** of each mark */
  readonly bounds: readonly MarkBounds[];
  /** distance of the marks; null when there is one */
  readonly grain_seconds: number | null;
}

const HOUR_MICROS = 3.6e9;
const MINUTE_MICROS = 6e7;
/** Spans up to this length get more than a mark an hour. */
const SHORT_MICROS = 6 * HOUR_MICROS;
const SHORT_GRAINS = [1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MICROS);
const LONG_GRAINS = [1, 2, 3, 6, 12, 24].map((hours) => hours * HOUR_MICROS);

/** Distance of the marks, so that there are no more than `points` of them. */
function grainFor(spanMicros: number, points: number): number {
  const grains = spanMicros <= SHORT_MICROS ? [...SHORT_GRAINS, ...LONG_GRAINS] : LONG_GRAINS;
  const fitting = grains.find((grain) => spanMicros / grain <= points - 1);
  return fitting ?? Math.ceil(spanMicros / Math.max(1, points - 1) / (24 * HOUR_MICROS)) * 24 * HOUR_MICROS;
}

/**
 * Marks at whole hours, or minutes where the span is short, so that windows of hours are cut between hours; the last
 * one at `end`, which is inside.
 * @param span `last`: time of the last score in it, default its end
 * @param points how many marks at most, at least 1
 */
export function cutsFor(
  { start, end, last = end }: { readonly start: Instant; readonly end: Instant; readonly last?: Instant },
  points: number,
  windows: readonly ScoreWindow[],
): Cuts {
  const [from, to] = [microsOf(start), microsOf(last)];
  const marks: number[] = [];
  // The first mark behind the last score has it, and none after that has more.
  const behindLast = (grain: number): number => Math.min(Math.ceil((to + 1) / grain) * grain, microsOf(end));
  const marksWith = (grain: number): number => Math.floor(behindLast(grain) / grain) - Math.floor(from / grain) + 1;
  const wide = points > 1 ? grainFor(to - from, points) : null;
  const grain = wide !== null && points > 2 && marksWith(wide) > points ? grainFor(to - from, points - 1) : wide;
  if (grain !== null) {
    const behind = behindLast(grain);
    for (let mark = (Math.floor(from / grain) + 1) * grain; mark <= behind; mark += grain) marks.push(mark);
  }
  const ends = [...marks.map(instantOfMicros).map((at) => ({ at, until: at })), { at: end, until: justAfter(end) }];
  const begins = ends.map(({ at }) => windows.map(({ hours }) => windowBegin(at, hours)));
  const cuts = [...new Set([start, ...ends.map(({ until }) => until), ...begins.flat()])].sort();
  const place = new Map(cuts.map((cut, i) => [cut, i + 1]));
  const placeOf = (cut: Instant): number => place.get(cut) ?? 0;
  return {
    marks: ends,
    grain_seconds: grain === null ? null : grain / 1e6,
    cuts,
    bounds: ends.map(({ until }, i) => ({
      since: placeOf(ends[i - 1]?.until ?? start),
      until: placeOf(until),
      windows: (begins[i] ?? []).map(placeOf),
    })),
  };
}

const justAfter = (instant: Instant): Instant => instantOfMicros(microsOf(instant) + 1);
const windowBegin = (mark: Instant, hours: number): Instant => addSeconds(mark, -3_600 * hours);

export const hourOf = (instant: Instant): Instant => `${instant.slice(0, 13)}:00:00.000000Z`;
export const dayOf = (instant: Instant): Instant => `${instant.slice(0, 10)}T00:00:00.000000Z`;
export const nextHour = (hour: Instant): Instant => addSeconds(hour, 3_600);

/** Part of a series between two cuts. */
export interface Segment {
  /** it begins at `cuts[segment - 1]` and ends before `cuts[segment]` */
  readonly segment: number;
  readonly scored: number;
  readonly total: number;
  readonly performed_at: Instant;
}

export interface RollingPoint {
  /** newest prediction up to the mark */
  readonly performed_at: Instant;
  /** in the order of the windows; null: nothing in it, or a sum beyond the range of numbers */
  readonly averages: readonly (number | null)[];
}

/**
 * One point for each mark before which the series had something new, and one for the last mark: the value in a report
 * that ends there. It replaces the point before when nothing new lies between them.
 */
export function rollingPoints(segments: readonly Segment[], { cuts, bounds }: Cuts): RollingPoint[] {
  const ordered = [...segments].sort((a, b) => a.segment - b.segment);
  /** where the segments from each cut on begin */
  const begins = new Int32Array(cuts.length + 2);
  for (let cut = 1, next = 0; cut < begins.length; cut++) {
    while (next < ordered.length && ordered[next]!.segment < cut) next++;
    begins[cut] = next;
  }
  const within = (from: number, to: number): Range => ({ from: begins[from] ?? 0, to: begins[to] ?? 0 });
  const points: RollingPoint[] = [];
  bounds.forEach(({ since, until, windows }, i) => {
    const performed_at = newestOf(ordered, within(since, until)) ?? points.at(-1)?.performed_at;
    const isNew = performed_at !== points.at(-1)?.performed_at;
    if (performed_at === undefined || !(isNew || i === bounds.length - 1)) return;
    const averages = windows.map((begin) => meanOf(ordered, within(begin, until)));
    if (!isNew) points.pop();
    points.push({ performed_at, averages });
  });
  return points;
}

/** Places of segments in order, the last one not included. */
interface Range {
  readonly from: number;
  readonly to: number;
}

function newestOf(segments: readonly Segment[], { from, to }: Range): Instant | undefined {
  let newest: Instant | undefined;
  for (let i = from; i < to; i++) {
    const { performed_at } = segments[i]!;
    if (newest === undefined || performed_at > newest) newest = performed_at;
  }
  return newest;
}

function meanOf(segments: readonly Segment[], { from, to }: Range): number | null {
  let scored = 0;
  let sum = 0;
  for (let i = from; i < to; i++) {
    scored += segments[i]!.scored;
    sum += segments[i]!.total;
  }
  const mean = sum / scored;
  return scored > 0 && Number.isFinite(mean) ? mean : null;
}
