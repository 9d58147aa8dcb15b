/** Means over windows that end at several moments, from sums of what lies between their bounds. */
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

/** Where windows end, and all their bounds in order. */
export interface Cuts {
  readonly marks: readonly Mark[];
  readonly cuts: readonly Instant[];
  /** distance of the marks; null when there is one */
  readonly grain_seconds: number | null;
}

const HOUR_MICROS = 3.6e9;
const MINUTE_MICROS = 6e7;
/** What lies this close together is worth more than a mark an hour. */
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
 * @param points how many marks at most, at least 1
 */
export function cutsFor(
  { start, end }: { readonly start: Instant; readonly end: Instant },
  points: number,
  windows: readonly ScoreWindow[],
): Cuts {
  const [from, to] = [microsOf(start), microsOf(end)];
  const marks: number[] = [];
  const grain = points > 1 ? grainFor(to - from, points) : null;
  if (grain !== null) {
    for (let mark = (Math.floor(from / grain) + 1) * grain; mark <= to; mark += grain) marks.push(mark);
  }
  const ends = [...marks.map(instantOfMicros).map((at) => ({ at, until: at })), { at: end, until: justAfter(end) }];
  const begins = ends.flatMap(({ at }) => windows.map(({ hours }) => windowBegin(at, hours)));
  return {
    marks: ends,
    grain_seconds: grain === null ? null : grain / 1e6,
    cuts: [...new Set([start, ...ends.map(({ until }) => until), ...begins])].sort(),
  };
}

const justAfter = (instant: Instant): Instant => instantOfMicros(microsOf(instant) + 1);
const windowBegin = (mark: Instant, hours: number): Instant => addSeconds(mark, -3_600 * hours);

/** Beginnings of the hours that a cut goes through: their scores have to be looked at one by one. */
export const hoursCut = (cuts: readonly Instant[]): Instant[] => [
  ...new Set(cuts.filter((cut) => cut !== hourOf(cut)).map(hourOf)),
];

/** Beginnings of the days that a cut goes through: they have to be looked at hour by hour. */
export const daysCut = (cuts: readonly Instant[]): Instant[] => [
  ...new Set(cuts.filter((cut) => cut !== dayOf(cut)).map(dayOf)),
];

export const hourOf = (instant: Instant): Instant => `${instant.slice(0, 13)}:00:00.000000Z`;
export const dayOf = (instant: Instant): Instant => `${instant.slice(0, 10)}T00:00:00.000000Z`;
export const nextHour = (hour: Instant): Instant => addSeconds(hour, 3_600);

/** What a series has between two cuts. */
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
 * One point for each mark before which the series had something new, and one for the last mark: what a report that ends
 * there says. It takes the place of the point before when nothing new lies between them.
 */
export function rollingPoints(
  segments: readonly Segment[],
  start: Instant,
  { marks, cuts }: Cuts,
  windows: readonly ScoreWindow[],
): RollingPoint[] {
  const place = new Map(cuts.map((cut, i) => [cut, i + 1]));
  const within = (from: Instant, to: Instant): readonly Segment[] => {
    const [first = 0, behind = 0] = [place.get(from), place.get(to)];
    return segments.filter(({ segment }) => segment >= first && segment < behind);
  };
  const points: RollingPoint[] = [];
  marks.forEach(({ at, until }, i) => {
    const performed_at = newestOf(within(marks[i - 1]?.until ?? start, until)) ?? points.at(-1)?.performed_at;
    const isNew = performed_at !== points.at(-1)?.performed_at;
    if (performed_at === undefined || !(isNew || i === marks.length - 1)) return;
    const averages = windows.map(({ hours }) => meanOf(within(windowBegin(at, hours), until)));
    if (!isNew) points.pop();
    points.push({ performed_at, averages });
  });
  return points;
}

const newestOf = (segments: readonly Segment[]): Instant | undefined =>
  segments
    .map(({ performed_at }) => performed_at)
    .sort()
    .at(-1);

function meanOf(segments: readonly Segment[]): number | null {
  const scored = segments.reduce((sum, segment) => sum + segment.scored, 0);
  if (scored === 0) return null;
  const mean = segments.reduce((sum, { total }) => sum + total, 0) / scored;
  return Number.isFinite(mean) ? mean : null;
}
