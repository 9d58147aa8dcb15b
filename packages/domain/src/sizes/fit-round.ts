import { type Prediction, RoundPredicted, RoundSkipped } from '@crunch-node/streams';
import { scoreId } from '../ids.ts';
import { shortened } from '../rounds/refused-output.ts';
import { dataRoom, type EventLimit, fits, jsonBytes } from './event-room.ts';
import { fairShares } from './fair-shares.ts';

/** Characters of a reason that are kept where there is no room for all of it. */
const SHORT_REASON = 100;
/** Reserved for the ground truth of the scored round. */
const GROUND_TRUTH_BYTES = 65_536;
/** As many digits as a number of bytes can have: the room for a reason is measured before its numbers are known. */
export const LONG = 9_999_999_999;
/** A failed outcome or a filled order without its ids. */
const OUTCOME_BYTES = 450;

/**
 * A round that fits into an event. Where all predictions together are too large, each model has an equal share of the
 * room, including what others leave of theirs; a larger prediction fails, the others are unchanged. A round with more
 * models than can be recorded is skipped.
 */
export function fitRound(round: RoundPredicted, limit: EventLimit): RoundPredicted | RoundSkipped {
  const room = dataRoom(limit);
  const { predictions, ...about } = round.data;
  if (fits(round.data, room) && hasRoomToBeScored(predictions, room)) return round;
  const rest = room - jsonBytes({ ...about, predictions: [] });
  const full = predictions.map((prediction) => jsonBytes(prediction) + 1);
  const least = predictions.map((prediction) => jsonBytes(withoutAnswer(prediction, LONG, LONG, LONG)) + 1);
  const spare = rest - total(least);
  if (spare < 0 || !hasRoomToBeScored(predictions, room)) return tooManyModels(round, room);
  const extra = full.map((bytes, i) => Math.max(0, bytes - least[i]!));
  const { granted, share } = fairShares(extra, spare);
  return RoundPredicted.at(round.at, {
    ...about,
    predictions: predictions.map((prediction, i) =>
      granted[i] ? prediction : withoutAnswer(prediction, least[i]! + share, rest, full[i]!),
    ),
  });
}

function withoutAnswer(prediction: Prediction, share: number, room: number, bytes: number): Prediction {
  const { status, reason } = prediction;
  if (status !== 'PENDING') {
    return { ...prediction, reason: reason === null ? null : shortened(reason, SHORT_REASON), inference_output: {} };
  }
  const beyond = `the answer has ${bytes} bytes, its share of the ${room} bytes that a round has for all models is ${share}`;
  return { ...prediction, status: 'FAILED', reason: beyond, inference_output: {} };
}

/** Scores repeat a round with an outcome for each prediction. */
const hasRoomToBeScored = (predictions: readonly Prediction[], room: number): boolean =>
  predictions.length * OUTCOME_BYTES < room / 4 ||
  total(
    predictions.map(
      ({ prediction_id, model_id }) => jsonBytes([scoreId(prediction_id), prediction_id, model_id]) + OUTCOME_BYTES,
    ),
  ) <=
    room - GROUND_TRUTH_BYTES;

/** A tournament has no skipped rounds: there the sample is recorded without predictions. */
function tooManyModels(round: RoundPredicted, room: number): RoundPredicted | RoundSkipped {
  const { predictions, ...about } = round.data;
  if (about.tournament !== undefined) return RoundPredicted.at(round.at, { ...about, predictions: [] });
  const { round_id, partition, scope_key, performed_at, config_id } = about;
  const reason =
    `${predictions.length} models and an input of ${jsonBytes(about.input ?? null)} bytes do not fit in the ${room} bytes of a ` +
    "round: raise the server's max_payload and activate the configuration again, or configure more partitions";
  return RoundSkipped.at(round.at, { round_id, partition, scope_key, performed_at, config_id, reason });
}

export const total = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0);
