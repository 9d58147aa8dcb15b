import {
  combine,
  type EnsembleFilter,
  type EnsembleWeights,
  ensembleModelId,
  filterMembers,
  numberOf,
} from '@crunch-node/domain';
import type { Json, JsonObject } from '@crunch-node/streams';

export interface LegacyMember {
  readonly model_id: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly predictions: readonly {
    readonly inference_output: JsonObject;
    readonly input_id?: string;
    readonly scope_key?: string;
    readonly scope?: JsonObject;
  }[];
}

/** Always ranked by `value`, highest first; a missing metric counts 0. */
export function legacyFilterMembers(members: readonly LegacyMember[], filter: EnsembleFilter | null): LegacyMember[] {
  const name = filter?.type === 'min_metric' ? filter.name : 'value';
  const filled = members.map((member) => ({ member, ...member, metrics: { [name]: 0, ...member.metrics } }));
  return filterMembers(filled, filter, { ranking_key: 'value', ranking_direction: 'desc' }).map(({ member }) => member);
}

/** Values that are not null, as numbers. @throws {TypeError} for text that is no number */
export const legacyMemberValues = ({ predictions }: LegacyMember): number[] =>
  predictions.flatMap(({ inference_output: { value = null } }) => {
    if (value === null) return [];
    const number = numberOf(value);
    if (number === null) throw new TypeError(`expected a number, received ${JSON.stringify(value)}`);
    return number;
  });

/**
 * One record per input and scope, in order of first appearance, out of every member's last prediction there. It is
 * dated now, is resolved at once, and carries the whole weight map.
 */
export function legacyVirtualPredictions(name: string, weights: EnsembleWeights, members: readonly LegacyMember[]) {
  const weightOf = new Map(weights.map(({ model_id, weight }) => [model_id, weight]));
  const groups = new Map<
    string,
    { input_id: string; scope_key: string; scope: JsonObject; answers: Map<string, Json> }
  >();
  for (const { model_id, predictions } of members) {
    if (!weightOf.has(model_id)) continue;
    for (const { input_id = '', scope_key = '', scope = {}, inference_output } of predictions) {
      const key = JSON.stringify([input_id, scope_key]);
      const group = groups.get(key) ?? { input_id, scope_key, scope, answers: new Map<string, Json>() };
      group.answers.set(model_id, inference_output.value ?? null);
      groups.set(key, group);
    }
  }
  const model_id = ensembleModelId(name);
  return [...groups.values()].flatMap(({ input_id, scope_key, scope, answers }) => {
    const usable = [...answers].flatMap(([id, given]) => {
      const value = numberOf(given);
      return value === null ? [] : [{ value, weight: weightOf.get(id)! }];
    });
    const value = combine(usable);
    if (value === null) return [];
    return [
      {
        id: `pred_${model_id}_${input_id}_${scope_key}`,
        input_id,
        model_id,
        prediction_config_id: null,
        scope_key,
        scope,
        status: 'SCORED',
        exec_time_ms: 0,
        inference_output: { value },
        meta: {
          weights: Object.fromEntries(weights.map((member) => [member.model_id, member.weight])),
          ensemble_name: name,
        },
      },
    ];
  });
}
