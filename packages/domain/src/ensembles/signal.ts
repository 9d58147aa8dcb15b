import { byCodePoint, EnsembleSignalled, type EnsembleWeighted, type RoundPredicted } from '@crunch-node/streams';
import { predictionId } from '../ids.ts';
import { combine } from './combine.ts';
import type { EnsembleConfig } from './ensemble-config.ts';
import type { GatheredRound } from './gathering.ts';
import { answerIn } from './moments.ts';
import { ensembleModelId, isEnsemble } from './virtual-model.ts';

type Members = EnsembleSignalled['data']['members'];

/**
 * What an ensemble says about a round: the weighted mean of its members that gave a usable answer, their weights
 * scaled to 1. As long as no weights were decided, all models count the same.
 */
export function signalOf(
  { name, output_field }: Pick<EnsembleConfig, 'name' | 'output_field'>,
  { said }: GatheredRound,
  weighted: EnsembleWeighted['data'] | null,
): EnsembleSignalled {
  const { scope_key, scope, feed, performed_at, resolvable_at, input_id, input } = said[0].data;
  const model_id = ensembleModelId(name);
  const members = membersOf(said, output_field, weighted?.weights ?? null);
  const value = combine(members);
  const isUsable = value !== null && Number.isFinite(value);
  const isImmediate = resolvable_at !== null && resolvable_at <= performed_at;
  return EnsembleSignalled.at(performed_at, {
    name,
    model_id,
    prediction_id: predictionId(model_id, scope_key, performed_at),
    scope_key,
    scope,
    feed,
    performed_at,
    resolvable_at,
    input_id,
    ...(isImmediate && input !== undefined ? { input } : {}),
    ...(output_field === 'value' ? {} : { output_field }),
    value: isUsable ? value : null,
    members: isUsable ? members : [],
    weights_cycle_end: weighted?.cycle_end ?? null,
  });
}

/** The id of what `signalOf` says. */
export const signalId = (name: string, { scope_key, performed_at }: GatheredRound): string =>
  EnsembleSignalled.idOf({ name, scope_key, performed_at } as EnsembleSignalled['data']);

function membersOf(
  said: readonly RoundPredicted[],
  field: string,
  weights: Readonly<Record<string, number>> | null,
): Members {
  const present: Members = [];
  for (const { data } of said) {
    for (const { model_id, status, inference_output } of data.predictions) {
      if (status !== 'PENDING' || isEnsemble(model_id)) continue;
      const value = answerIn(field, inference_output);
      const weight = weights === null ? 1 : Object.hasOwn(weights, model_id) ? weights[model_id]! : 0;
      if (value !== null && weight > 0) present.push({ model_id, value, weight });
    }
  }
  present.sort((a, b) => byCodePoint(a.model_id, b.model_id));
  const total = present.reduce((sum, { weight }) => sum + weight, 0);
  return present.map((member) => ({ ...member, weight: member.weight / total }));
}
