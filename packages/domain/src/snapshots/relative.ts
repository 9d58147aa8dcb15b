/** Scores relative to those of the same round, for competitions whose rounds differ in difficulty. */
import type { Json, RoundScored } from '@crunch-node/streams';
import { isEnsemble } from '../ensembles/virtual-model.ts';
import { groupBy } from '../group-by.ts';
import type { RelativeScore } from '../leaderboards/aggregation.ts';
import { putOwn } from '../lent.ts';

/**
 * The rounds with a relative score in each result that has the underlying number. A result is compared with those of
 * the same scope and moment in all partitions; models and ensembles are both compared with models.
 */
export function withRelative(
  rounds: readonly RoundScored[],
  relative: RelativeScore | undefined,
): readonly RoundScored[] {
  if (relative === undefined) return rounds;
  const scales = new Map<string, Scale | null>();
  const keyOf = ({ data }: RoundScored): string => `${data.performed_at} ${data.scope_key}`;
  for (const [key, parts] of groupBy(rounds, keyOf)) scales.set(key, scaleOf(parts, relative));
  return rounds.map((round) => {
    const scale = scales.get(keyOf(round)) ?? null;
    return scale === null
      ? round
      : { ...round, data: { ...round.data, outcomes: round.data.outcomes.map(placed(scale, relative)) } };
  });
}

interface Scale {
  readonly best: number;
  readonly worst: number;
}

type Outcome = RoundScored['data']['outcomes'][number];

/** Numbers of which less is better; null where there is none. */
const costOf = ({ outcome, result }: Outcome, { of, better }: RelativeScore): number | null => {
  const value: Json | undefined =
    outcome === 'scored' && result !== null && Object.hasOwn(result, of) ? result[of] : null;
  return typeof value === 'number' && Number.isFinite(value) ? (better === 'asc' ? value : -value) : null;
};

function scaleOf(parts: readonly RoundScored[], relative: RelativeScore): Scale | null {
  const costs = parts
    .flatMap(({ data }) => data.outcomes)
    .filter(({ model_id }) => !isEnsemble(model_id))
    .map((outcome) => costOf(outcome, relative))
    .filter((cost) => cost !== null)
    .sort((a, b) => a - b);
  return costs.length === 0 ? null : { best: costs[0]!, worst: percentile(costs, relative.worst_percentile) };
}

/** Between neighbours in proportion, as numpy has it. @param ascending at least one */
export function percentile(ascending: readonly number[], percent: number): number {
  const place = (percent / 100) * (ascending.length - 1);
  const below = Math.floor(place);
  const [low, high] = [ascending[below]!, ascending[Math.min(below + 1, ascending.length - 1)]!];
  return low + (place - below) * (high - low);
}

const placed =
  ({ best, worst }: Scale, relative: RelativeScore) =>
  (outcome: Outcome): Outcome => {
    const cost = costOf(outcome, relative);
    if (cost === null || outcome.result === null) return outcome;
    const share = worst > best ? (worst - cost) / (worst - best) : cost <= best ? 1 : 0;
    const result = { ...outcome.result };
    putOwn(result, relative.name, Math.min(1, Math.max(0, share)));
    return { ...outcome, result };
  };
