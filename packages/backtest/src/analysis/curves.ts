import { type Instant, millisOf } from '@crunch-node/streams';
import { meanOf } from './metrics-over.ts';
import type { PredictionRow } from './rows.ts';

/** A number over time. */
export type Curve = readonly (readonly [at: Instant, value: number])[];

/** Points a curve is drawn with; more are not seen. */
const MOST_POINTS = 600;

/** Sum of scores so far. */
export function equityOf(rows: readonly PredictionRow[]): Curve {
  let sum = 0;
  return rows.flatMap(({ score, resolvable_at }) => {
    if (score === null) return [];
    sum += score;
    return [[resolvable_at, sum] as const];
  });
}

/** How far a curve is below the highest it has been, 0 or less; it began at 0. */
export function drawdownOf(curve: Curve): Curve {
  let highest = 0;
  return curve.map(([at, value]) => {
    highest = Math.max(highest, value);
    return [at, value - highest] as const;
  });
}

/** So few points that each is seen, the last one among them. */
export function thinned(curve: Curve, points = MOST_POINTS): Curve {
  if (curve.length <= points) return curve;
  const step = (curve.length - 1) / (points - 1);
  return Array.from({ length: points }, (_, i) => curve[Math.round(i * step)]!);
}

/** Share of rows whose prediction has the sign of the actual move, grouped by a common key; null: none has a sign. */
export function hitRatesBy(
  rows: readonly PredictionRow[],
  keyOf: (row: PredictionRow) => string,
): Readonly<
  Record<string, { readonly hit_rate: number | null; readonly mean_score: number | null; readonly rounds: number }>
> {
  const groups = new Map<string, PredictionRow[]>();
  for (const row of rows) {
    if (row.score === null) continue;
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return Object.fromEntries(
    [...groups]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, group]) => [
        key,
        { hit_rate: hitRate(group), mean_score: meanOf(group.map(({ score }) => score)), rounds: group.length },
      ]),
  );
}

export const hourOf = ({ performed_at }: PredictionRow): string => performed_at.slice(11, 13);
export const dayOf = ({ performed_at }: PredictionRow): string => performed_at.slice(0, 10);

function hitRate(rows: readonly PredictionRow[]): number | null {
  const decided = rows.filter(({ prediction, actual }) => prediction !== null && prediction !== 0 && actual !== null);
  if (decided.length === 0) return null;
  const hits = decided.filter(({ prediction, actual }) => Math.sign(prediction!) === Math.sign(actual!));
  return hits.length / decided.length;
}

/** Pearson correlation of two models' predictions in the same rounds; null for fewer than 3, or a constant one. */
export function correlation(a: readonly PredictionRow[], b: readonly PredictionRow[]): number | null {
  const key = ({ scope_key, performed_at }: PredictionRow): string => `${performed_at} ${scope_key}`;
  const known = new Map(a.flatMap((row) => (row.prediction === null ? [] : [[key(row), row.prediction] as const])));
  const pairs = b.flatMap((row): [number, number][] => {
    const other = known.get(key(row));
    return other === undefined || row.prediction === null ? [] : [[other, row.prediction]];
  });
  if (pairs.length < 3) return null;
  const [meanA, meanB] = [meanOf(pairs.map(([x]) => x))!, meanOf(pairs.map(([, y]) => y))!];
  let [both, squaresA, squaresB] = [0, 0, 0];
  for (const [x, y] of pairs) {
    both += (x - meanA) * (y - meanB);
    squaresA += (x - meanA) ** 2;
    squaresB += (y - meanB) ** 2;
  }
  const product = Math.sqrt(squaresA * squaresB);
  return product > 0 ? both / product : null;
}

/** Mean over the last hours of a curve at each of its points. */
export function rollingMean(rows: readonly PredictionRow[], hours: number): Curve {
  const scored = rows.filter(({ score }) => score !== null);
  const times = scored.map(({ performed_at }) => millisOf(performed_at));
  let from = 0;
  let sum = 0;
  return scored.map(({ score, performed_at }, i) => {
    sum += score!;
    while (times[from]! <= times[i]! - hours * 3_600_000) sum -= scored[from++]!.score!;
    return [performed_at, sum / (i - from + 1)] as const;
  });
}
