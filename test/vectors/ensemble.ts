import {
  builtInStrategies,
  type EnsembleFilter,
  type EnsembleWeights,
  ensembleModelId,
  equalWeight,
  inverseVariance,
  isEnsemble,
  momentsOf,
} from '@crunch-node/domain';
import {
  type LegacyMember,
  legacyFilterMembers,
  legacyMemberValues,
  legacyVirtualPredictions,
} from './reference/ensemble.ts';
import type { Operations, VectorInput } from './vector.ts';

const membersOf = ({ predictions, model_metrics = [] }: VectorInput): LegacyMember[] =>
  predictions.map(({ model_id, predictions: answers }: VectorInput) => ({
    model_id,
    predictions: answers,
    metrics: model_metrics.find((given: VectorInput) => given.model_id === model_id)?.metrics ?? {},
  }));

const valued = (members: readonly LegacyMember[]) =>
  members.map((member) => ({ ...member, predictions: momentsOf(legacyMemberValues(member)) }));

const asObject = (weights: EnsembleWeights) =>
  Object.fromEntries(weights.map(({ model_id, weight }) => [model_id, weight]));

const dated = (now: string, predictions: ReturnType<typeof legacyVirtualPredictions>) =>
  predictions.map((prediction) => ({ ...prediction, performed_at: now, resolvable_at: now }));

export const ensembleOperations: Operations = {
  model_id: ({ name }) => ensembleModelId(name),
  is_ensemble: ({ model_id }) => isEnsemble(model_id),
  equal_weight: (input) => asObject(equalWeight(valued(membersOf(input)))),
  inverse_variance: (input) => asObject(inverseVariance(valued(membersOf(input)))),
  apply_filter: (input) =>
    legacyFilterMembers(membersOf(input), input.filter as EnsembleFilter | null).map(({ model_id }) => model_id),
  build: (input) => {
    const weights = Object.entries(input.weights as Record<string, number>);
    const named = weights.map(([model_id, weight]) => ({ model_id, weight }));
    return dated(input.now, legacyVirtualPredictions(input.name, named, membersOf(input)));
  },
  pipeline: (input) => {
    const members = legacyFilterMembers(membersOf(input), input.filter as EnsembleFilter | null);
    const weights = builtInStrategies.get(input.strategy ?? 'inverse_variance')!(valued(members));
    return {
      models: members.map(({ model_id }) => model_id),
      weights: asObject(weights),
      predictions: dated(input.now, legacyVirtualPredictions(input.name, weights, members)),
    };
  },
};
