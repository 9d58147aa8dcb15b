import {
  byCodePoint,
  type Instant,
  instantOfMicros,
  type JsonObject,
  microsOf,
  RoundPredicted,
  roundId,
  type TournamentRoundRequested,
} from '@crunch-node/streams';
import type { TObject } from '@sinclair/typebox';
import { secondsStamp } from '../ids.ts';
import { type ModelOutcome, predictionOf } from '../rounds/record.ts';
import type { AnswerLimit } from '../sizes/event-room.ts';

/** One sample of a tournament round: a round of its own, without its predictions. */
export interface Sample {
  readonly round_id: string;
  readonly partition: number;
  readonly scope_key: string;
  readonly scope: { readonly round_id: string; readonly feature_index: number; readonly features: JsonObject };
  readonly performed_at: Instant;
  readonly input_id: string;
  readonly tournament: string;
  readonly sample: number;
}

/** The samples of a round, a microsecond apart in the order of its features. */
export function samplesOf(
  { at, data: { tournament, features } }: TournamentRoundRequested,
  partition: number,
): Sample[] {
  const input_id = `INP_${tournament}_${secondsStamp(at)}`;
  return features.map((sample, feature_index) => {
    const performed_at = instantOfMicros(microsOf(at) + feature_index);
    const scope_key = `${tournament}:${feature_index}`;
    return {
      round_id: roundId(partition, scope_key, performed_at),
      partition,
      scope_key,
      scope: { round_id: tournament, feature_index, features: sample },
      performed_at,
      input_id,
      tournament,
      sample: feature_index,
    };
  });
}

/** One event per sample and partition; never due by time, since its ground truth comes by command. */
export const recordSample = (
  sample: Sample,
  outcomes: readonly ModelOutcome[],
  outputType: TObject,
  limit: Pick<AnswerLimit, 'max_answer_size'> = {},
): RoundPredicted =>
  RoundPredicted.at(sample.performed_at, {
    ...sample,
    config_id: null,
    feed: null,
    resolvable_at: null,
    window: null,
    predictions: outcomes
      .map((outcome) => predictionOf(sample, outcome, outputType, limit))
      .sort((a, b) => byCodePoint(a.model_id, b.model_id)),
  });
