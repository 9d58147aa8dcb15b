import type {
  Emission,
  Instant,
  Json,
  JsonObject,
  Prediction,
  RankedEntry,
  RoundPredicted,
} from '@crunch-node/streams';
import type { TObject } from '@sinclair/typebox';
import type { EnsembleConfig } from './ensembles/ensemble-config.ts';
import type { FeedRecord } from './feed-record.ts';
import type { Aggregation } from './leaderboards/aggregation.ts';
import type { ConstantSeries } from './metrics/constant-series.ts';
import type { CustomMetric } from './metrics/metric.ts';
import type { TournamentConfig } from './tournament/config.ts';
import type { TradingConfig } from './trading/config.ts';

/** Defaults merged into every scope sent to a model. Extra keys are allowed and sent. */
export interface PredictionScope {
  readonly subject: string;
  readonly step_seconds: number;
  readonly [key: string]: Json;
}

export type ArgumentType = 'STRING' | 'INT' | 'FLOAT' | 'JSON';

/** One argument of a call, taken from the scope by name. */
export interface CallArgument {
  readonly name: string;
  readonly type: ArgumentType;
  /** passed by this keyword; absent: by position */
  readonly keyword?: string;
}

/** How a model is called: method name and arguments in their order. */
export interface CallMethod {
  readonly method: string;
  readonly args: readonly CallArgument[];
}

/** A schedule: subject and scope of predictions, their interval and horizon. */
export interface ScheduledPrediction {
  readonly scope_key: string;
  readonly scope: JsonObject;
  readonly prediction_interval_seconds: number;
  /** 0: resolved at once from the input */
  readonly resolve_horizon_seconds: number;
  readonly active: boolean;
  readonly order: number;
  readonly meta: JsonObject;
}

/** A prediction as scoring functions and resolvers see it. */
export interface PredictionToScore {
  readonly prediction_id: string;
  readonly model_id: string;
  readonly scope_key: string;
  readonly scope: JsonObject;
  readonly performed_at: Instant;
  readonly resolvable_at: Instant;
}

/** Typed output of a model with `model_id` and `prediction_id` attached. */
export type ScoringPrediction = Readonly<Record<string, Json>>;
export type GroundTruth = Readonly<Record<string, Json>>;

/** `(prediction, ground_truth) → result`; a result with `success: false` is a failed score with its `failed_reason`. */
export type ScoringFunction = (prediction: ScoringPrediction, groundTruth: GroundTruth) => JsonObject;

/** Records of one subject over a horizon, in order of `at`. */
export interface RecordsOfSubject {
  /** the last one known at or before the prediction */
  readonly entry: FeedRecord | null;
  readonly records: readonly FeedRecord[];
}

/** What a ground truth is resolved from. */
export interface GroundTruthWindow extends RecordsOfSubject {
  /** by subject of the feed: those that the scope names in `resolve_subjects`; empty where it names none */
  readonly subjects: Readonly<Record<string, RecordsOfSubject>>;
}

/** Null: cannot be resolved. */
export type GroundTruthResolver = (
  window: GroundTruthWindow,
  prediction: Omit<PredictionToScore, 'prediction_id' | 'model_id'>,
) => GroundTruth | null;

export type SnapshotAggregator = (results: readonly JsonObject[]) => JsonObject;

/** The input of an emission: ranked models, best first. */
export interface EmissionEntry {
  readonly model_id: string;
  readonly rank: number;
  readonly result_summary: JsonObject;
}
export type EmissionBuilder = (
  ranking: readonly EmissionEntry[],
  payees: {
    readonly crunch_pubkey: string;
    readonly compute_provider: string | null;
    readonly data_provider: string | null;
  },
) => Emission;

/** Changes, drops or adds predictions of a round before they are written down. */
export type PostPredictHook = (
  predictions: readonly Prediction[],
  round: Omit<RoundPredicted['data'], 'predictions'>,
) => readonly Prediction[];

/** Changes a model's input for a record. */
export type PreFeedUpdateHook = (input: JsonObject, at: Instant) => JsonObject;

/** Builds a provider. */
export interface FeedFactory {
  (settings: FeedSettings, reports: never): unknown;
  /** names of the options it reads, `header_*` for all that begin so; absent: any is accepted */
  options?: readonly string[];
}

/** Where records come from. One provider, one kind and one granularity for one or more subjects. */
export interface FeedSettings {
  readonly provider: string;
  readonly subjects: readonly string[];
  readonly kind: string;
  readonly granularity: string;
  /** newest N records make the input of a model */
  readonly window: number;
  readonly backfill_minutes: number;
  /** how long tables keep a record, by the feed's own time; absent: for ever. The log keeps all. */
  readonly record_ttl_days?: number;
  readonly options: Readonly<Record<string, string>>;
  /** builds the operator's own provider, where `provider` is no built-in name; `feeds` defines its return type */
  readonly factory?: FeedFactory | undefined;
}

/**
 * What every kind of competition has. Everything an operator may decide, complete: defaults are filled in by
 * `defineCrunch`. Data fields are snake_case as in the configuration files of the reference system; functions are code
 * and are hashed with the module they come from.
 */
export interface CommonConfig {
  readonly crunch_id: string;
  readonly crunch_pubkey: string;
  readonly network: string;
  readonly compute_provider: string | null;
  readonly data_provider: string | null;

  readonly feed: FeedSettings;
  readonly feed_normalizer: 'candle' | 'candle_from_tick' | 'tick';
  /** feed subject → the name models see, for example BTCUSDT → BTC */
  readonly feed_subject_mapping: Readonly<Record<string, string>>;

  readonly scope: PredictionScope;
  readonly call_method: CallMethod;
  readonly feed_update_method: string;
  /** further positional arguments of `feed_update_method`, after the input; absent: none */
  readonly feed_update_args?: readonly Json[];
  /** keyword arguments of the constructor of a participant's class; absent: none */
  readonly model_arguments?: JsonObject;
  readonly scheduled_predictions: readonly ScheduledPrediction[];

  readonly input_type: TObject | null;
  readonly output_type: TObject;
  readonly ground_truth_type: TObject | null;
  readonly score_type: TObject;

  readonly scoring_function: ScoringFunction;
  readonly resolve_ground_truth: GroundTruthResolver;
  /** 0..1 of the horizon, 0 = off */
  readonly max_ground_truth_staleness_fraction: number;
  readonly aggregate_snapshot: SnapshotAggregator;
  readonly aggregation: Aggregation;
  readonly metrics: readonly string[];
  /** the operator's own, by name: functions, or expressions over `predictions`, `returns`, `scores` and `n` */
  readonly custom_metrics: Readonly<Record<string, CustomMetric>>;
  /** value of a metric that is 0 / 0, such as the `ic` of a model with constant predictions; absent: unavailable */
  readonly constant_series?: ConstantSeries;
  /** metrics are recomputed every N cycles and carried forward in between */
  readonly metrics_every: number;
  readonly ensembles: readonly EnsembleConfig[];
  readonly build_emission: EmissionBuilder;
  /** column of the leaderboard → decimals it is shown with; others: as many as their numbers take */
  readonly decimals?: Readonly<Record<string, number>>;
  readonly pre_feed_update_hook: PreFeedUpdateHook | null;
  readonly post_predict_hook: PostPredictHook | null;

  readonly cycle_seconds: number;
  /** how long a boundary waits for a stalled feed, live */
  readonly lateness_seconds: number;
  readonly checkpoint_interval_seconds: number;
  /** part of every key in the log: can never change in a deployment */
  readonly partitions: number;
  /** largest event that is published, including its headers; absent: the limit of a stock server */
  readonly max_event_bytes?: number;
  /** largest prediction of a model, in characters of its keys and texts and 8 for each value; absent: 65536 */
  readonly max_answer_size?: number;
  readonly model_timeout_seconds: number;
  /** whether the API shows how long each stage took */
  readonly performance: { readonly timing_endpoint_enabled: boolean };
}

/** Rounds follow the feed, and predictions are scored against it. */
export interface RealtimeCompetition extends CommonConfig {
  readonly kind: 'realtime';
  readonly trading: null;
  readonly tournament: null;
}

/** Rounds follow the feed, models trade on paper, and the functions for scoring are not used. */
export interface TradingCompetition extends CommonConfig {
  readonly kind: 'trading';
  readonly trading: TradingConfig;
  readonly tournament: null;
}

/** Rounds are started by command and there is no feed. */
export interface TournamentCompetition extends CommonConfig {
  readonly kind: 'tournament';
  readonly trading: null;
  readonly tournament: TournamentConfig;
}

/**
 * A competition of one kind. The kind follows from the rules an operator gives; it is not recorded, so that the hash of a
 * configuration is that of its parts. What differs between kinds is in `competition-kinds.ts`.
 */
export type CrunchConfig = RealtimeCompetition | TradingCompetition | TournamentCompetition;

export type { RankedEntry };
