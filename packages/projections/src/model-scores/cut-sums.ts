/** What has to be read of days, hours and single scores, so that sums between any cuts come from few rows. */
import { addSeconds, type Instant, microsOf } from '@crunch-node/streams';
import { type Cuts, dayOf, hourOf, nextHour } from './rolling.ts';

/** Time between two moments, without the second. */
export interface Piece {
  readonly from: Instant;
  readonly to: Instant;
}

/** An hour or a day that cuts go through. */
export interface CutUnit {
  readonly unit: Instant;
  /** pieces that have to be summed up */
  readonly opened: readonly Piece[];
  /** the longest piece, which is the sum of the unit less the opened ones; null: all are opened */
  readonly rest: Piece | null;
}

/** A sum to be added at a moment, and to be subtracted where it is part of the sum of a day. */
interface Term {
  readonly at: Instant;
  readonly less: Instant | null;
}

export interface SumTerms {
  /** days that are not whole, with where the rest of each goes */
  readonly days: readonly { readonly day: Instant; readonly at: Instant | null }[];
  /** pieces of those days: the hours that begin in them, but for those below */
  readonly pieces: readonly (Piece & { readonly less: Instant | null })[];
  /** hours that are not whole */
  readonly hours: readonly Instant[];
  /** where the rests of hours go */
  readonly rests: readonly (Term & { readonly hour: Instant })[];
  /** single scores: where their sums are added, and where they are subtracted as part of their hour */
  readonly singles: readonly (Piece & { readonly plus: Term | null; readonly minus: Term | null })[];
}

interface Unit {
  of(instant: Instant): Instant;
  next(unit: Instant): Instant;
}

export const nextDay = (day: Instant): Instant => addSeconds(day, 86_400);
const HOUR: Unit = { of: hourOf, next: nextHour };
const DAY: Unit = { of: dayOf, next: nextDay };

export interface Openings {
  /** hours whose sums must not be used */
  readonly unsure?: ReadonlySet<Instant>;
  /** of what there is, the first behind the last mark; null: nothing. A cut with nothing behind it cuts nothing */
  readonly next?: Instant | null;
}

/** The rest of a unit is never looked at one by one, so of a day half the hours are read at most. */
export function sumTerms(
  { cuts, marks }: Pick<Cuts, 'cuts' | 'marks'>,
  { unsure = new Set(), next = cuts.at(-1)! }: Openings = {},
): SumTerms {
  const unsureDays = new Set([...unsure].map(dayOf));
  const days = cutUnits({ cuts, marks }, DAY, unsureDays, next);
  const hours = cutUnits({ cuts, marks }, HOUR, unsure, next);
  const restOfDay = new Map(days.map(({ unit, rest }) => [unit, rest]));
  /** null: within the rest of its day, which needs no sum of its own */
  const termAt = (at: Instant): Term | null => {
    const rest = restOfDay.get(dayOf(at)) ?? null;
    if (rest === null) return { at, less: null };
    return at >= rest.from && at < rest.to ? null : { at, less: rest.from };
  };
  return {
    days: days.map(({ unit, rest }) => ({ day: unit, at: rest?.from ?? null })),
    pieces: days.flatMap(({ opened, rest }) => opened.map((piece) => ({ ...piece, less: rest?.from ?? null }))),
    hours: hours.map(({ unit }) => unit),
    rests: hours.flatMap(({ unit, rest }) => {
      const term = rest === null ? null : termAt(rest.from);
      return term === null ? [] : [{ hour: unit, ...term }];
    }),
    singles: hours.flatMap(({ opened, rest }) =>
      opened.flatMap((piece) => {
        const [plus, minus] = [termAt(piece.from), rest === null ? null : termAt(rest.from)];
        return plus === null && minus === null ? [] : [{ ...piece, plus, minus }];
      }),
    ),
  };
}

/** The units that cuts go through, and those to be opened. */
export function cutUnits(
  { cuts, marks }: Pick<Cuts, 'cuts' | 'marks'>,
  { of, next: nextUnit }: Unit,
  toOpen: ReadonlySet<Instant>,
  next: Instant | null,
): CutUnit[] {
  const ends = new Set(marks.map(({ until }) => until));
  const last = marks.at(-1)?.until;
  const within = new Map<Instant, Instant[]>([...toOpen].map((unit) => [unit, []]));
  for (const cut of cuts) {
    const unit = of(cut);
    const cutsNothing = cut === last && (next === null || next >= nextUnit(unit));
    if (cut !== unit && !cutsNothing) within.set(unit, [...(within.get(unit) ?? []), cut]);
  }
  return [...within]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([unit, inside]): CutUnit => {
      const bounds = [unit, ...inside, nextUnit(unit)];
      const pieces = bounds.slice(1).map((to, i): Piece => ({ from: bounds[i]!, to }));
      // Behind the end of a mark the newest of each piece is asked for, which a difference of sums does not have.
      if (toOpen.has(unit) || inside.some((cut) => ends.has(cut))) return { unit, opened: pieces, rest: null };
      const lengths = pieces.map(({ from, to }) => microsOf(to) - microsOf(from));
      const rest = pieces[lengths.indexOf(Math.max(...lengths))]!;
      return { unit, opened: pieces.filter((piece) => piece !== rest), rest };
    });
}
