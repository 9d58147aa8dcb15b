import { byCodePoint } from '@crunch-node/streams';
import { copyOf } from '../lent.ts';
import { called, messageOf } from '../operators-code.ts';
import { type EnsembleConfig, filterOf } from './ensemble-config.ts';
import { type EnsembleRanking, filterMembers } from './filters.ts';
import { areUsable } from './moments.ts';
import { builtInStrategies, type EnsembleMember, type EnsembleWeights } from './strategies.ts';

/** Weights by model id that sum to 1; empty when no model takes part, with the reason when that is a fault. */
export interface WeighedEnsemble {
  readonly weights: Readonly<Record<string, number>>;
  readonly unavailable?: string;
}

/**
 * The weights that an ensemble's filter and strategy give its members. Operators may write both, so a failure in them is
 * reported as the reason and affects this ensemble alone.
 * @param members real models, best first
 */
export function weigh(
  { strategy, filter }: Pick<EnsembleConfig, 'strategy' | 'filter'>,
  members: readonly EnsembleMember[],
  ranking: EnsembleRanking,
): WeighedEnsemble {
  try {
    const known = members.filter(({ predictions }) => predictions === null || areUsable(predictions));
    const kept = filterMembers(known, filterOf(filter), ranking);
    const weights = called(() =>
      typeof strategy === 'function' ? strategy(copyOf(kept)) : builtInStrategies.get(strategy)!(kept),
    );
    return { weights: normalised(kept, weights) };
  } catch (error) {
    return { weights: {}, unavailable: messageOf(error) };
  }
}

/** Below it a sum of weights counts as nothing. */
const SMALLEST = 1e-12;

function normalised(members: readonly EnsembleMember[], weights: EnsembleWeights): Record<string, number> {
  const known = new Set(members.map(({ model_id }) => model_id));
  const given = new Map<string, number>();
  for (const { model_id, weight } of weights) {
    if (typeof weight !== 'number' || !Number.isFinite(weight) || weight < 0) {
      throw new RangeError(
        `expected a weight of at least 0 for ${model_id}, received ${typeof weight === 'number' ? weight : typeof weight}`,
      );
    }
    if (known.has(model_id) && weight > 0) given.set(model_id, weight);
  }
  const sum = [...given.values()].reduce((all, weight) => all + weight, 0);
  // Weights are proportions: where their sum leaves the range of numbers, that of their shares of the largest does not.
  const unit = Number.isFinite(sum) ? 1 : Math.max(...given.values());
  const total = Number.isFinite(sum) ? sum : [...given.values()].reduce((all, weight) => all + weight / unit, 0);
  if (given.size > 0 && total < SMALLEST) {
    throw new RangeError(`expected weights whose sum can be divided by, received a sum of ${total}`);
  }
  return Object.fromEntries(
    [...given].map(([id, weight]) => [id, weight / unit / total] as const).sort(([a], [b]) => byCodePoint(a, b)),
  );
}
