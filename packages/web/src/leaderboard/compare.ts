/** Two models over the rounds both were scored in. */

export interface ScoredRound {
  readonly model_id: string;
  /** schedule and time: what makes a round */
  readonly round: string;
  readonly score: number;
}

export interface Pair {
  readonly rounds: number;
  /** Pearson's, of their scores; null with fewer than three rounds, or where one never varies */
  readonly correlation: number | null;
  /** rounds in which the first, or the second, scored higher */
  readonly wins: number;
  readonly losses: number;
}

export function scoresByModel(rounds: readonly ScoredRound[]): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const byModel = new Map<string, Map<string, number>>();
  for (const { model_id, round, score } of rounds) {
    const scores = byModel.get(model_id) ?? new Map<string, number>();
    scores.set(round, score);
    byModel.set(model_id, scores);
  }
  return byModel;
}

export function compare(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): Pair {
  const shared: (readonly [number, number])[] = [];
  for (const [round, score] of a) {
    const other = b.get(round);
    if (other !== undefined) shared.push([score, other]);
  }
  return {
    rounds: shared.length,
    correlation: correlation(shared),
    wins: shared.filter(([x, y]) => x > y).length,
    losses: shared.filter(([x, y]) => x < y).length,
  };
}

const LEAST_ROUNDS = 3;

function correlation(pairs: readonly (readonly [number, number])[]): number | null {
  if (pairs.length < LEAST_ROUNDS) return null;
  const mean = (i: 0 | 1): number => pairs.reduce((sum, pair) => sum + pair[i], 0) / pairs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [x, y] of pairs) {
    xy += (x - meanX) * (y - meanY);
    xx += (x - meanX) ** 2;
    yy += (y - meanY) ** 2;
  }
  return xx === 0 || yy === 0 ? null : xy / Math.sqrt(xx * yy);
}

interface PredictionRow {
  readonly model_id: string;
  readonly scope_key: string;
  readonly performed_at: string;
  readonly score_value: number | null;
}

export const scoredRounds = (rows: readonly PredictionRow[]): ScoredRound[] =>
  rows.flatMap(({ model_id, scope_key, performed_at, score_value }) =>
    score_value === null ? [] : [{ model_id, round: `${performed_at} ${scope_key}`, score: score_value }],
  );
