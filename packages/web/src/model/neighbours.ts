import { compare, type Pair, type ScoredRound, scoresByModel } from '../leaderboard/compare.ts';

export interface Neighbour extends Pair {
  readonly model_id: string;
}

/** The others by how alike their scores are, most alike first; those without a correlation are left out. */
export function neighboursOf(id: string, rounds: readonly ScoredRound[]): Neighbour[] {
  const scores = scoresByModel(rounds);
  const own = scores.get(id) ?? new Map<string, number>();
  return [...scores]
    .filter(([other]) => other !== id)
    .map(([model_id, theirs]) => ({ model_id, ...compare(own, theirs) }))
    .filter(({ correlation }) => correlation !== null)
    .sort((a, b) => (b.correlation ?? 0) - (a.correlation ?? 0));
}
