import {
  type EnsembleSignalled,
  type FeedKey,
  feedKeyText,
  type Instant,
  type Json,
  type JsonObject,
  type RoundPredicted,
} from '@crunch-node/streams';

/** A prediction whose score is due. */
export interface PendingPrediction {
  readonly prediction_id: string;
  readonly model_id: string;
  readonly inference_output: JsonObject;
}

/** A round waiting for its ground truth: all that scoring needs of it, never today's configuration. */
export interface PendingRound {
  readonly round_id: string;
  readonly scope_key: string;
  readonly scope: JsonObject;
  readonly feed: FeedKey | null;
  readonly performed_at: Instant;
  readonly resolvable_at: Instant;
  readonly input_id: string;
  readonly input?: Json;
  readonly predictions: readonly PendingPrediction[];
}

/** Subjects of the feed, besides the round's own, whose records its ground truth is resolved from too. */
export function resolveSubjects({ resolve_subjects: subjects }: JsonObject): readonly string[] {
  return Array.isArray(subjects) ? subjects.filter((subject): subject is string => typeof subject === 'string') : [];
}

/** Texts of the keys of all feeds that a round is resolved from: its own, then those of `resolve_subjects`. */
export function feedsOf({ feed, scope }: Pick<PendingRound, 'feed' | 'scope'>): string[] {
  if (feed === null) return [];
  return [feed.subject, ...resolveSubjects(scope)].map((subject) => feedKeyText({ ...feed, subject }));
}

/** Null: resolved by a command, never by time. */
export function pendingRoundOf(event: RoundPredicted | EnsembleSignalled): PendingRound | null {
  const { scope_key, scope, feed, performed_at, resolvable_at, input_id } = event.data;
  if (resolvable_at === null) return null;
  const round = { round_id: event.id, scope_key, scope, feed, performed_at, resolvable_at, input_id };
  const predictions = event.type === 'EnsembleSignalled' ? signalled(event) : asked(event);
  return event.data.input === undefined
    ? { ...round, predictions }
    : { ...round, input: event.data.input, predictions };
}

/** A signal is the virtual model's prediction; without a value there is nothing to score. */
const signalled = ({ data }: EnsembleSignalled): PendingPrediction[] => {
  const { prediction_id, model_id, output_field = 'value', value, values, answer } = data;
  return value === null
    ? []
    : [{ prediction_id, model_id, inference_output: answer ?? values ?? { [output_field]: value } }];
};

const asked = ({ data }: RoundPredicted): PendingPrediction[] =>
  data.predictions
    .filter(({ status }) => status === 'PENDING')
    .map(({ prediction_id, model_id, inference_output }) => ({ prediction_id, model_id, inference_output }));
