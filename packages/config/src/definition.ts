import type {
  Aggregation,
  CallMethod,
  CommonConfig,
  CompetitionKind,
  EnsembleConfig,
  FeedSettings,
  ScheduledPrediction,
} from '@crunch-node/domain';
import { type Json, JsonObject } from '@crunch-node/streams';
import { Kind, type TObject, type TSchema, Type, TypeGuard, TypeRegistry } from '@sinclair/typebox';
import type { DefinedTrading } from './defined-trading.ts';
import { PROVIDER_FILE } from './provider-file.ts';
import type { DefinedTournament } from './tournament.ts';

type DefinedSchedule = Partial<ScheduledPrediction> & Pick<ScheduledPrediction, 'scope_key'>;
type DefinedEnsemble = Partial<EnsembleConfig> & Pick<EnsembleConfig, 'name'>;
type DefinedParts = 'feed' | 'scope' | 'call_method' | 'aggregation' | 'ensembles' | 'scheduled_predictions';

/** An operator's configuration: any part of a {@link CommonConfig}, and the rules of its kind; parts left out have their defaults. */
export type CrunchDefinition = Partial<Omit<CommonConfig, DefinedParts>> & {
  /** follows from `trading` and `tournament`; a kind without rules has the default ones */
  readonly kind?: CompetitionKind;
  readonly feed?: Partial<FeedSettings>;
  readonly scope?: JsonObject;
  readonly call_method?: Partial<CallMethod>;
  readonly aggregation?: Partial<Aggregation>;
  readonly scheduled_predictions?: readonly DefinedSchedule[];
  readonly ensembles?: readonly DefinedEnsemble[];
  readonly trading?: DefinedTrading | null;
  readonly tournament?: DefinedTournament | null;
};

const strict = { additionalProperties: false } as const;
const Text = Type.String({ minLength: 1, expected: 'a non-empty text' });
const AnyText = Type.String({ expected: 'a text' });
const Count = Type.Integer({ minimum: 1, expected: 'a whole number, at least 1' });
const Whole = Type.Integer({ minimum: 0, expected: 'a whole number, at least 0' });
/** Names of arguments in Python, in ASCII. */
const KEYWORD = '[A-Za-z_][A-Za-z0-9_]*';
const Keyword = Type.String({ pattern: `^${KEYWORD}$`, expected: 'the name of an argument such as step_seconds' });
const OptionalText = Type.Union([Text, Type.Null()], { expected: 'a non-empty text or null' });

function isJson(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isJson);
  return value === null || typeof value === 'number'
    ? Number.isFinite(value ?? 0)
    : /^(string|boolean)$/.test(typeof value);
}

/** Kinds of our own: a function, and a TypeBox object schema, neither of which JSON schema can describe. */
TypeRegistry.Set('CrunchFunction', (_, value) => typeof value === 'function');
TypeRegistry.Set('CrunchSchema', (_, value) => TypeGuard.IsObject(value));
TypeRegistry.Set('CrunchJson', (_, value) => isJson(value));
const ofKind = <T>(kind: string, expected: string) => Type.Unsafe<T>({ [Kind]: kind, expected } as unknown as TSchema);
const Callable = ofKind<(...args: never[]) => unknown>('CrunchFunction', 'a function');
const ObjectSchema = ofKind<TObject>('CrunchSchema', 'a TypeBox object schema, Type.Object({ … })');
const JsonValue = ofKind<Json>('CrunchJson', 'a JSON value');
const orNull = (schema: TSchema) =>
  Type.Union([schema, Type.Null()], { expected: `${String(schema.expected)}, or null` });

const FeedSchema = Type.Object(
  {
    provider: Type.String({
      pattern: `^[a-z][a-z0-9_-]*$|${PROVIDER_FILE.source}`,
      expected: 'the name of a provider in lower case, or the path of a file such as ./my-provider.ts',
    }),
    // at least one, unless there is no feed: a check of its own
    subjects: Type.Array(Text, { uniqueItems: true, expected: 'a list of subjects, each once' }),
    kind: Type.String({ pattern: '^[a-z][a-z0-9_-]*$', expected: 'a kind of feed in lower case' }),
    granularity: Type.String({
      pattern: '^([1-9][0-9]*[smhd]|tick)$',
      expected: 'a granularity such as 1s, 5m, 1h, 1d, or tick',
    }),
    window: Count,
    backfill_minutes: Count,
    record_ttl_days: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10_000, expected: 'a whole number of days from 1 to 10000' }),
    ),
    options: Type.Record(AnyText, AnyText, { expected: 'a map of texts' }),
    factory: Type.Optional(Callable), // what the loader found in a file that `provider` named
  },
  strict,
);

const ScheduleSchema = Type.Object(
  {
    scope_key: Text,
    scope: JsonObject,
    prediction_interval_seconds: Count,
    resolve_horizon_seconds: Whole,
    active: Type.Boolean({ expected: 'true or false' }),
    order: Type.Integer({ expected: 'a whole number' }),
    meta: JsonObject,
  },
  strict,
);

const CallSchema = Type.Object(
  {
    method: Text,
    args: Type.Array(
      Type.Object(
        {
          name: Text,
          type: Type.Union(['STRING', 'INT', 'FLOAT', 'JSON'].map((type) => Type.Literal(type))),
          keyword: Type.Optional(Keyword),
        },
        strict,
      ),
    ),
  },
  strict,
);

const EnsembleSchema = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9-]*$',
      expected: 'a name of letters, digits and -, not - first',
    }),
    strategy: Type.Union([Type.Literal('inverse_variance'), Type.Literal('equal_weight'), Callable], {
      expected: '"inverse_variance", "equal_weight" or a function',
    }),
    filter: Type.Union(
      [
        Type.Null(),
        Callable,
        Type.Object({ top_n: Whole }, strict),
        Type.Object({ min_metric: Text, threshold: Type.Number() }, strict),
      ],
      { expected: '{ top_n: 10 }, { min_metric: "ic", threshold: 0 }, a function, or null' },
    ),
    combine: Type.Optional(
      Type.Union([Type.Literal('mean'), Type.Literal('linear_pool'), Type.Literal('quantile_average')], {
        expected: '"mean", "linear_pool" or "quantile_average"',
      }),
    ),
    output_field: Text,
    output_fields: Type.Optional(
      Type.Array(Text, { minItems: 1, uniqueItems: true, expected: 'a list of at least one field, each once' }),
    ),
    enabled: Type.Boolean({ expected: 'true or false' }),
  },
  strict,
);

const AggregationSchema = Type.Object(
  {
    windows: Type.Array(
      Type.Object(
        {
          name: Text,
          hours: Count,
          min_rounds: Type.Optional(Count),
          min_share: Type.Optional(
            Type.Number({ exclusiveMinimum: 0, maximum: 1, expected: 'a share above 0, at most 1' }),
          ),
        },
        strict,
      ),
    ),
    coverage: Type.Optional(
      Type.Union([Type.Literal('ignored'), Type.Literal('counted')], { expected: '"ignored" or "counted"' }),
    ),
    relative: Type.Optional(
      Type.Object(
        {
          of: Text,
          name: Text,
          better: Type.Union([Type.Literal('asc'), Type.Literal('desc')]),
          worst_percentile: Type.Number({
            exclusiveMinimum: 0,
            maximum: 100,
            expected: 'a number above 0, at most 100',
          }),
        },
        strict,
      ),
    ),
    value_field: Text,
    ranking_key: Text,
    ranking_direction: Type.Union([Type.Literal('asc'), Type.Literal('desc')]),
  },
  strict,
);

/** A complete configuration; none is unknown, and keys are optional only where a value would change the hash. */
export const ConfigSchema = Type.Object(
  {
    crunch_id: Text,
    crunch_pubkey: AnyText,
    network: Text,
    compute_provider: OptionalText,
    data_provider: OptionalText,
    feed: FeedSchema,
    feed_normalizer: Type.Union([Type.Literal('candle'), Type.Literal('candle_from_tick'), Type.Literal('tick')]),
    feed_subject_mapping: Type.Record(Text, Text, { expected: 'a map of texts' }),
    scope: Type.Object({ subject: Text, step_seconds: Count }, { expected: 'an object' }),
    call_method: CallSchema,
    feed_update_method: Text,
    feed_update_args: Type.Optional(Type.Array(JsonValue, { expected: 'a list of JSON values' })),
    model_arguments: Type.Optional(
      Type.Record(Keyword, JsonValue, {
        additionalProperties: false,
        expected: 'a map from argument names such as horizon to JSON values',
      }),
    ),
    scheduled_predictions: Type.Array(ScheduleSchema),
    input_type: orNull(ObjectSchema),
    output_type: ObjectSchema,
    ground_truth_type: orNull(ObjectSchema),
    score_type: ObjectSchema,
    scoring_function: Callable,
    resolve_ground_truth: Callable,
    max_ground_truth_staleness_fraction: Type.Number({ minimum: 0, maximum: 1, expected: 'a number from 0 to 1' }),
    aggregate_snapshot: Callable,
    aggregation: AggregationSchema,
    metrics: Type.Array(Text, { uniqueItems: true, expected: 'a list of metrics, each once' }),
    custom_metrics: Type.Record(AnyText, Type.Union([Text, Callable], { expected: 'an expression or a function' }), {
      expected: 'a map of expressions and functions',
    }),
    constant_series: Type.Optional(
      Type.Union([Type.Literal('unavailable'), Type.Literal('zero')], { expected: '"unavailable" or "zero"' }),
    ),
    metrics_every: Count,
    ensembles: Type.Array(EnsembleSchema),
    build_emission: Callable,
    decimals: Type.Optional(
      Type.Record(Text, Type.Integer({ minimum: 0, maximum: 10, expected: 'a whole number from 0 to 10' }), {
        expected: 'a map of whole numbers',
      }),
    ),
    pre_feed_update_hook: orNull(Callable),
    post_predict_hook: orNull(Callable),
    kind: Type.Union([Type.Literal('realtime'), Type.Literal('trading'), Type.Literal('tournament')]),
    trading: Type.Unknown(), // has a schema of its own
    tournament: Type.Unknown(), // likewise
    cycle_seconds: Count,
    lateness_seconds: Type.Number({ minimum: 0, expected: 'a number, at least 0' }),
    checkpoint_interval_seconds: Count,
    partitions: Type.Integer({ minimum: 1, maximum: 1024, expected: 'a whole number from 1 to 1024' }),
    max_event_bytes: Type.Optional(
      Type.Integer({
        minimum: 524_288,
        maximum: 67_108_864,
        expected: 'a whole number of bytes from 524288 to 67108864',
      }),
    ),
    max_answer_size: Type.Optional(
      Type.Integer({ minimum: 1024, maximum: 8_388_608, expected: 'a whole number from 1024 to 8388608' }),
    ),
    model_timeout_seconds: Type.Number({ exclusiveMinimum: 0, expected: 'a number above 0' }),
    performance: Type.Object(
      { timing_endpoint_enabled: Type.Boolean({ expected: 'true or false' }) },
      { expected: 'an object' },
    ),
  },
  strict,
);
