import type { Moments } from '@crunch-node/streams';
import { populationVariance } from './moments.ts';

/** Input of a strategy about a member: the moments of its predictions in the ranking window, and its metrics. */
export interface EnsembleMember {
  readonly model_id: string;
  /** null when it made none */
  readonly predictions: Moments | null;
  readonly metrics: Readonly<Record<string, number>>;
}

/** In order of the members; a member that is not named takes no part. */
export type EnsembleWeights = readonly { readonly model_id: string; readonly weight: number }[];

export type EnsembleStrategy = (members: readonly EnsembleMember[]) => EnsembleWeights;

export const equalWeight: EnsembleStrategy = (members) =>
  members.map(({ model_id }) => ({ model_id, weight: 1 / members.length }));

/** Below it a series counts as constant. */
const SMALLEST = 1e-12;

/**
 * The steadier a model's predictions, the more it counts: weights in proportion to 1 / population variance. A model
 * with fewer than two predictions, or always the same, counts 1 before scaling.
 */
export const inverseVariance: EnsembleStrategy = (members) => {
  const raw = members.map(({ predictions }) => {
    if (predictions === null || predictions.count < 2) return 1;
    const variance = populationVariance(predictions);
    return variance < SMALLEST ? 1 : 1 / variance;
  });
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  if (total < SMALLEST) return equalWeight(members);
  return members.map(({ model_id }, i) => ({ model_id, weight: raw[i]! / total }));
};

export const builtInStrategies: ReadonlyMap<string, EnsembleStrategy> = new Map([
  ['inverse_variance', inverseVariance],
  ['equal_weight', equalWeight],
]);
