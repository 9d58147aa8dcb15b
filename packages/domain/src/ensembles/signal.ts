import {
  byCodePoint,
  EnsembleSignalled,
  type EnsembleWeighted,
  type JsonObject,
  type RoundPredicted,
} from '@crunch-node/streams';
import { predictionId } from '../ids.ts';
import { dataRoom, type EventLimit } from '../sizes/event-room.ts';
import { combine } from './combine.ts';
import { combineAnswers } from './combine-answers.ts';
import { combinedFields } from './combined-fields.ts';
import type { AnsweringEnsemble } from './configured.ts';
import type { GatheredRound } from './gathering.ts';
import { answerIn } from './moments.ts';
import { ensembleModelId, isEnsemble } from './virtual-model.ts';

type Members = EnsembleSignalled['data']['members'];

/** The parts of a round that a signal needs. */
type RoundToCombine = Pick<GatheredRound, 'predictions'>;

/** A member's usable prediction: a number for each combined field, in their order. */
interface Answer {
  readonly model_id: string;
  readonly numbers: readonly number[];
  readonly output: JsonObject;
  readonly weight: number;
}

/** Share of an event's size limit that a combined prediction may take; the list of its members needs the rest. */
const ANSWER_SHARE = 0.5;

/** Null: the numbers are the whole signal; undefined: the members' predictions cannot be combined. */
function answerOf(
  { combine: rule = 'mean' }: AnsweringEnsemble,
  answers: readonly Answer[],
  value: number,
  limit: EventLimit,
): JsonObject | null | undefined {
  if (rule === 'mean') return null;
  const combined = combineAnswers(rule, answers, ANSWER_SHARE * dataRoom(limit));
  return combined === null ? undefined : { value, ...combined };
}

/**
 * The signal of an ensemble in a round: the weighted mean of the members with a usable prediction, their weights scaled
 * to 1. A member has one weight for all fields, so that fields that belong together (quantiles, mean and deviation) come
 * from the same models. Until weights have been decided, all models have equal ones.
 */
export function signalOf(
  ensemble: AnsweringEnsemble,
  { predictions }: RoundToCombine,
  weighted: EnsembleWeighted['data'] | null,
  limit: EventLimit = {},
): EnsembleSignalled {
  const { scope_key, scope, feed, performed_at, resolvable_at, input_id, input } = predictions[0].data;
  const { name } = ensemble;
  const model_id = ensembleModelId(name);
  const fields = combinedFields(ensemble);
  const [first] = fields;
  const answers = answersOf(predictions, fields, weighted?.weights ?? null);
  const averages = fields.map((_, i) =>
    combine(answers.map(({ numbers, weight }) => ({ value: numbers[i]!, weight }))),
  );
  const combinedNumbers = averages.every((mean): mean is number => mean !== null && Number.isFinite(mean))
    ? averages
    : null;
  const answer = combinedNumbers === null ? null : answerOf(ensemble, answers, combinedNumbers[0]!, limit);
  const usable = answer === undefined ? null : combinedNumbers;
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
    ...(first === 'value' ? {} : { output_field: first }),
    value: usable?.[0] ?? null,
    ...valuesOf(fields, usable),
    ...(answer === null || answer === undefined ? {} : { answer }),
    members: usable === null ? [] : answers.map((answer) => memberOf(fields, answer)),
    weights_cycle_end: weighted?.cycle_end ?? null,
  });
}

/** Id of the signal that `signalOf` makes. */
export const signalId = (
  name: string,
  { scope_key, performed_at }: Pick<GatheredRound, 'scope_key' | 'performed_at'>,
): string => EnsembleSignalled.idOf({ name, scope_key, performed_at } as EnsembleSignalled['data']);

/** By field, where several are combined; a single field needs `value` alone. */
const valuesOf = (fields: readonly string[], numbers: readonly number[] | null): { values?: Record<string, number> } =>
  fields.length === 1 || numbers === null
    ? {}
    : { values: Object.fromEntries(fields.map((field, i) => [field, numbers[i]!])) };

const memberOf = (fields: readonly string[], { model_id, numbers, weight }: Answer): Members[number] => ({
  model_id,
  value: numbers[0]!,
  ...valuesOf(fields, numbers),
  weight,
});

function answersOf(
  predictions: readonly RoundPredicted[],
  fields: readonly string[],
  weights: Readonly<Record<string, number>> | null,
): readonly Answer[] {
  const present: Answer[] = [];
  for (const { data } of predictions) {
    for (const { model_id, status, inference_output } of data.predictions) {
      if (status !== 'PENDING' || isEnsemble(model_id)) continue;
      const numbers = fields.map((field) => answerIn(field, inference_output));
      const weight = weights === null ? 1 : Object.hasOwn(weights, model_id) ? weights[model_id]! : 0;
      if (numbers.every((number) => number !== null) && weight > 0) {
        present.push({ model_id, numbers, output: inference_output, weight });
      }
    }
  }
  present.sort((a, b) => byCodePoint(a.model_id, b.model_id));
  const total = present.reduce((sum, { weight }) => sum + weight, 0);
  return present.map((answer) => ({ ...answer, weight: answer.weight / total }));
}
