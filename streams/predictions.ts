import { type Static, Type } from '@sinclair/typebox';
import { closingSchema, defineClosedStream, defineEvent, type EventOf, type StreamEvent } from './define.ts';
import { FeedKey } from './feeds.ts';
import { microsOf, millisOf } from './instant.ts';
import { Instant } from './instant-schema.ts';
import { Json, JsonObject, Nullable } from './json.ts';
import { Partition } from './partition.ts';
import { escapeToken, idOf } from './token.ts';

/** The result of one model's call, as named by the runner protocol; null when it was not called. */
export const RunnerStatus = Type.Union([Type.Literal('SUCCESS'), Type.Literal('FAILED'), Type.Literal('TIMEOUT')]);
export type RunnerStatus = Static<typeof RunnerStatus>;

export const Prediction = Type.Object({
  /** `PRE_…`, or `ABS_…` when the model gave no answer */
  prediction_id: Type.String(),
  model_id: Type.String(),
  status: Type.Union([Type.Literal('PENDING'), Type.Literal('FAILED'), Type.Literal('ABSENT')]),
  runner_status: Nullable(RunnerStatus),
  /** why it is not PENDING, or null */
  reason: Nullable(Type.String()),
  inference_output: JsonObject,
});
export type Prediction = Static<typeof Prediction>;

/** Origin of a round's input: the first and the last record of the window. */
export const InputWindow = Type.Object({
  first: Type.String(),
  last: Type.String(),
  count: Type.Integer({ minimum: 0 }),
});

const round = {
  round_id: Type.String(),
  partition: Partition,
  scope_key: Type.String(),
  performed_at: Instant,
  config_id: Nullable(Type.String()),
};

/** Alternatives share one id: a round is predicted or skipped, never both. */
export const roundId = (partition: number, scopeKey: string, performedAt: Instant): string =>
  idOf('round', partition, scopeKey, microsOf(performedAt));

/**
 * A tournament round and the index of one of its samples. All samples of a round share a NATS subject, since there may
 * be thousands.
 * may be thousands.
 */
export const sampleOf = {
  tournament: Type.Optional(Type.String()),
  sample: Type.Optional(Type.Integer({ minimum: 0 })),
};

const natsSubject = (round: { partition: number; scope_key: string; tournament?: string }): string =>
  `predictions.${round.partition}.${escapeToken(round.tournament ?? round.scope_key)}`;

/** All of a partition's predictions of one round, also without any model: a round is never published in parts. */
export const RoundPredicted = defineEvent('RoundPredicted', {
  v: 1,
  data: Type.Object({
    ...round,
    scope: JsonObject,
    feed: Nullable(FeedKey),
    /** null: resolved by a command (tournament), never by time */
    resolvable_at: Nullable(Instant),
    input_id: Type.String(),
    window: Nullable(InputWindow),
    /** the input itself, only when a hook changed it or the horizon is 0 */
    input: Type.Optional(Json),
    ...sampleOf,
    predictions: Type.Array(Prediction),
  }),
  id: ({ round_id }) => round_id,
  natsSubject,
});
export type RoundPredicted = EventOf<typeof RoundPredicted>;

/** The round was due but too late to be predicted honestly (live pace only). */
export const RoundSkipped = defineEvent('RoundSkipped', {
  v: 1,
  data: Type.Object({ ...round, reason: Type.String() }),
  id: ({ round_id }) => round_id,
  natsSubject,
});
export type RoundSkipped = EventOf<typeof RoundSkipped>;

export const PredictionsCycleClosed = defineEvent('CycleClosed', {
  v: 1,
  data: closingSchema({ partition: Partition }),
  id: ({ partition, end }) => idOf('cycle', 'predictions', partition, millisOf(end)),
  natsSubject: ({ partition }) => `predictions.${partition}`,
});
export type PredictionsCycleClosed = EventOf<typeof PredictionsCycleClosed>;

export const predictions = defineClosedStream(
  'PREDICTIONS',
  ['predictions.*', 'predictions.*.*'],
  [RoundPredicted, RoundSkipped, PredictionsCycleClosed],
  (partition: number) => `predictions.${partition}`,
);
export type PredictionEvent = StreamEvent<typeof predictions>;
