import {
  type CrunchConfig,
  combinedFields,
  messageOf,
  ranksAccounts,
  resolveGroundTruth,
  type ScoringPrediction,
} from '@crunch-node/domain';
import type { JsonObject } from '@crunch-node/streams';
import type { TObject } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { shown } from './config-error.ts';
import { unscored } from './defaults.ts';
import { metricWarnings } from './probe-metrics.ts';

const WHOLE = 1_000_000_000;

/** Tries the functions of a configuration before anything depends on them. */
export function probeConfig(config: CrunchConfig): { faults: string[]; warnings: string[] } {
  const scoring = probeScoring(config);
  return {
    faults: [...scoring.faults, ...emissionFaults(config)],
    warnings: [...scoring.warnings, ...metricWarnings(config), ...ensembleWarnings(config)],
  };
}

/** Scores three predictions against three outcomes: a function with equal scores for all distinguishes no models. */
function probeScoring(own: CrunchConfig) {
  const { kind, scoring_function, output_type, ground_truth_type } = own;
  if (ranksAccounts({ kind })) return { faults: [], warnings: [] };
  if (scoring_function === unscored) {
    return { faults: [], warnings: ['scoring_function is not set: every prediction is worth 0'] };
  }
  const outputs = sampleOutputs(output_type);
  const truths = sampleTruths(ground_truth_type);
  const results: JsonObject[] = [];
  for (const output of outputs) {
    for (const truth of truths) {
      try {
        const prediction: ScoringPrediction = { ...output, model_id: 'probe', prediction_id: 'probe' };
        results.push(scoring_function(prediction, truth));
      } catch (error) {
        return { faults: [], warnings: [`scoring_function threw when tried: ${messageOf(error)}${untried(own)}`] };
      }
    }
  }
  const faults = results.some((result) => typeof result !== 'object' || result === null)
    ? [`scoring_function: expected it to return an object, received ${shown(results[0])}`]
    : ['value', 'success']
        .filter((field) => !(field in (results[0] ?? {})))
        .map((field) => `scoring_function: expected a result with ${field}, received ${shown(results[0])}`);
  if (faults.length > 0) return { faults, warnings: [] };
  if (results.every(({ success }) => success === false)) {
    const reason = String(results[0]?.failed_reason ?? 'no reason given');
    return { faults, warnings: [`scoring_function scored nothing when tried: ${reason}${untried(own)}`] };
  }
  const same = new Set(results.map(({ value }) => JSON.stringify(value))).size === 1;
  return {
    faults,
    warnings: same
      ? [`scoring_function returned one value for nine different cases: is it a stub?${untried(own)}`]
      : [],
  };
}

/** What is generated for a truth of an operator's own resolver has none of its fields, unless there are examples. */
function untried({ ground_truth_type: type, resolve_ground_truth }: CrunchConfig): string {
  if (resolve_ground_truth === resolveGroundTruth || (type !== null && examplesOf(type) !== null)) return '';
  return (
    ' (it was tried without what resolve_ground_truth returns: give some of that as ' +
    'ground_truth_type: Type.Object({}, { examples: [{ … }, { … }] }))'
  );
}

/** `examples` of a schema, for types of which no sample can be generated. */
const examplesOf = ({ examples }: TObject): JsonObject[] | null =>
  Array.isArray(examples) && examples.length > 0 ? (examples as JsonObject[]) : null;

const sampleOutputs = (type: TObject): JsonObject[] =>
  examplesOf(type) ?? [1, -1, 0.5].map((size) => filled(type, size));

const sampleTruths = (type: TObject | null): JsonObject[] =>
  (type === null ? null : examplesOf(type)) ??
  [0.01, -0.02, 0.03].map((profit) => ({
    ...(type === null ? {} : filled(type, 1)),
    ...{ entry_price: 100, resolved_price: 100 * (1 + profit), profit, direction_up: profit > 0 },
  }));

const UNCOMBINED: ReadonlySet<string> = new Set(['object', 'array', 'string', 'boolean']);

/**
 * The signals of an ensemble hold the combined fields and no others. Where the scoring function fails for those, though
 * it scores whole predictions, every score of the ensemble would fail.
 */
function ensembleWarnings({ scoring_function, output_type, ground_truth_type, ensembles, aggregation }: CrunchConfig) {
  const scoreOf = (output: JsonObject, truth: JsonObject): string | null => {
    try {
      const result = scoring_function({ ...output, model_id: 'probe', prediction_id: 'probe' }, truth);
      if (result.success === false) return String(result.failed_reason ?? 'it has failed');
      const unusable = Object.entries(result).find(([, value]) => typeof value === 'number' && !Number.isFinite(value));
      if (unusable !== undefined) return `${unusable[0]} is ${unusable[1]}`;
      const value = result[aggregation.value_field];
      return value === undefined || value === null ? `there is no ${aggregation.value_field}` : null;
    } catch (error) {
      return messageOf(error);
    }
  };
  const cases = sampleOutputs(output_type).flatMap((output) =>
    sampleTruths(ground_truth_type)
      .filter((truth) => scoreOf(output, truth) === null)
      .map((truth) => ({ output, truth })),
  );
  return ensembles.flatMap((ensemble, index) => {
    if (!ensemble.enabled || (ensemble.combine ?? 'mean') !== 'mean') return [];
    const fields = combinedFields(ensemble);
    const unfit = fields.find((field) => UNCOMBINED.has(String(output_type.properties[field]?.type)));
    if (unfit !== undefined) {
      return [
        `ensembles[${index}] (${ensemble.name}): will never answer, since ${unfit} of output_type is ` +
          `${String(output_type.properties[unfit]?.type)} and only numbers have a mean: ` +
          'make its numbers fields of output_type and name them in output_fields',
      ];
    }
    const reasons = cases.map(({ output, truth }) =>
      scoreOf(Object.fromEntries(fields.map((field) => [field, output[field] ?? null])), truth),
    );
    const [reason] = reasons;
    if (reason === undefined || reason === null || reasons.includes(null)) return [];
    return [
      `ensembles[${index}] (${ensemble.name}): scoring_function makes nothing of answers with ${fields.join(', ')} alone ` +
        `(${reason}): name every field it reads in output_fields`,
    ];
  });
}

/** An object of the schema with its defaults, and `size` for every number. */
const filled = (schema: TObject, size: number): JsonObject =>
  Object.fromEntries(
    Object.entries(Value.Create(schema) as JsonObject).map(([name, value]) => [
      name,
      typeof value === 'number' && Value.Check(schema.properties[name] ?? schema, size) ? size : value,
    ]),
  );

/** Rewards of any number of models are whole parts and add up to everything. */
const emissionFaults = ({ build_emission, ...payees }: CrunchConfig): string[] =>
  [1, 2, 20].flatMap((count) => {
    const ranking = Array.from({ length: count }, (_, index) => ({
      model_id: `probe-${index}`,
      rank: index + 1,
      result_summary: {},
    }));
    try {
      const rewards = build_emission(ranking, payees).cruncher_rewards.map(({ reward_pct }) => reward_pct);
      const total = rewards.reduce((sum, reward) => sum + reward, 0);
      return total === WHOLE && rewards.every((reward) => Number.isInteger(reward) && reward >= 0)
        ? []
        : [`build_emission: expected whole rewards of ${count} models to add up to ${WHOLE}, received ${total}`];
    } catch (error) {
      return [`build_emission: expected rewards of ${count} models, received the error ${messageOf(error)}`];
    }
  });
