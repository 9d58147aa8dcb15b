import { type Static, Type } from '@sinclair/typebox';
import { closingSchema, defineClosedStream, defineEvent, type EventOf, type StreamEvent } from './define.ts';
import { millisOf } from './instant.ts';
import { Instant } from './instant-schema.ts';
import { JsonObject, Nullable } from './json.ts';
import { Partition } from './partition.ts';
import { sampleOf } from './predictions.ts';
import { escapeToken, idOf } from './token.ts';
import { OrdersFilled, PortfolioMarked } from './trading.ts';

/** The outcome of one prediction: a result, or failed, or expired, with the reason. */
export const Outcome = Type.Object({
  /** `SCR_` + prediction id */
  score_id: Type.String(),
  prediction_id: Type.String(),
  model_id: Type.String(),
  outcome: Type.Union([Type.Literal('scored'), Type.Literal('failed'), Type.Literal('expired')]),
  /** the result of the scoring function, or null */
  result: Nullable(JsonObject),
  /** false also when the scoring function itself returns so */
  success: Type.Boolean(),
  failed_reason: Nullable(Type.String()),
  /** the model's answer, which metrics compare with the ground truth */
  inference_output: JsonObject,
});
export type Outcome = Static<typeof Outcome>;

/** Ids of the feed records from which the ground truth was made. */
const RecordIds = {
  /** the last record at or before the prediction, or null */
  entry: Nullable(Type.String()),
  first: Nullable(Type.String()),
  last: Nullable(Type.String()),
  count: Type.Integer({ minimum: 0 }),
};
export const GroundTruthRecords = Type.Object({
  ...RecordIds,
  /** the same of each subject that the scope names in `resolve_subjects`; absent where it names none */
  subjects: Type.Optional(Type.Record(Type.String(), Type.Object(RecordIds))),
});

/**
 * Partition of a score: a number, or `ensemble` for the rounds of SIGNALS.
 */
export const ScorePartition = Type.Union([Partition, Type.Literal('ensemble')]);
export type ScorePartition = Static<typeof ScorePartition>;

/** A round is finished: its ground truth, if there was one, and one outcome per pending prediction. */
export const RoundScored = defineEvent('RoundScored', {
  v: 1,
  data: Type.Object({
    round_id: Type.String(),
    partition: ScorePartition,
    scope_key: Type.String(),
    scope: JsonObject,
    performed_at: Instant,
    /** of a tournament round: when its ground truth was provided */
    resolvable_at: Instant,
    input_id: Type.String(),
    ...sampleOf,
    ground_truth: Nullable(JsonObject),
    ground_truth_records: Nullable(GroundTruthRecords),
    outcomes: Type.Array(Outcome),
  }),
  id: ({ round_id }) => `score:${round_id}`,
  natsSubject: ({ partition, scope_key, tournament }) => `scores.${partition}.${escapeToken(tournament ?? scope_key)}`,
});
export type RoundScored = EventOf<typeof RoundScored>;

export const ScoresCycleClosed = defineEvent('CycleClosed', {
  v: 1,
  data: closingSchema({
    partition: ScorePartition,
    /** scored, or filled in a trading competition */
    rounds: Type.Integer({ minimum: 0 }),
    /** SHA-256 over the ids of the cycle's rounds in canonical order, joined by line feeds */
    rounds_hash: Type.String(),
  }),
  id: ({ partition, end }) => idOf('cycle', 'scores', partition, millisOf(end)),
  natsSubject: ({ partition }) => `scores.${partition}`,
});
export type ScoresCycleClosed = EventOf<typeof ScoresCycleClosed>;

export const scores = defineClosedStream(
  'SCORES',
  ['scores.*', 'scores.*.*'],
  [RoundScored, OrdersFilled, PortfolioMarked, ScoresCycleClosed],
  (partition: ScorePartition) => `scores.${partition}`,
);
export type ScoreEvent = StreamEvent<typeof scores>;
