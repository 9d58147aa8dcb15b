import { type Json, type JsonObject, type Outcome, RoundScored } from '@crunch-node/streams';
import { shortened } from '../rounds/refused-output.ts';
import { dataRoom, type EventLimit, fits, jsonBytes } from './event-room.ts';
import { fairShares } from './fair-shares.ts';
import { LONG, total } from './fit-round.ts';

const SHORT_REASON = 100;
const SHORT_TEXT = 100;

/**
 * A scored round that fits into an event. Where it is too large, the predictions it repeats are cut to their numbers and
 * short texts, which is all that later stages use; the whole ones are in the recorded round. Outcomes that are still
 * beyond their share fail, and a ground truth that leaves no room for outcomes is dropped.
 */
export function fitScored(scored: RoundScored, limit: EventLimit): RoundScored {
  const room = dataRoom(limit);
  if (fits(scored.data, room)) return scored;
  const { outcomes, ground_truth, ...about } = scored.data;
  const cut = outcomes.map((outcome) => ({ ...outcome, inference_output: numbersOf(outcome.inference_output) }));
  const least = cut.map((outcome) => jsonBytes(withoutResult(outcome, beyondShare(LONG, LONG))) + 1);
  const base = jsonBytes({ ...about, ground_truth: null, outcomes: [] });
  const truthBytes = jsonBytes(ground_truth);
  const truthRoom = room - base - total(least);
  if (truthBytes > truthRoom) {
    const reason = `ground truth: expected at most ${truthRoom} bytes beside ${outcomes.length} outcomes, received ${truthBytes}`;
    const failed = cut.map((outcome) => withoutResult(outcome, reason));
    return RoundScored.at(scored.at, { ...about, ground_truth: null, outcomes: failed });
  }
  const full = cut.map((outcome) => jsonBytes(outcome) + 1);
  const extra = full.map((bytes, i) => Math.max(0, bytes - least[i]!));
  const { granted, share } = fairShares(extra, truthRoom - truthBytes);
  return RoundScored.at(scored.at, {
    ...about,
    ground_truth,
    outcomes: cut.map((outcome, i) =>
      granted[i] ? outcome : withoutResult(outcome, beyondShare(full[i]!, least[i]! + share)),
    ),
  });
}

const beyondShare = (bytes: number, share: number): string =>
  `the score has ${bytes} bytes, its share of the round is ${share}`;

function withoutResult(outcome: Outcome, reason: string): Outcome {
  if (outcome.outcome !== 'scored') {
    const { failed_reason } = outcome;
    const short = failed_reason === null ? null : shortened(failed_reason, SHORT_REASON);
    return { ...outcome, result: null, failed_reason: short, inference_output: {} };
  }
  return { ...outcome, outcome: 'failed', result: null, success: false, failed_reason: reason, inference_output: {} };
}

const numbersOf = (output: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(output).filter(([key, value]) => key.length <= SHORT_TEXT && isShort(value)));

const isShort = (value: Json): boolean =>
  typeof value === 'string' ? value.length <= SHORT_TEXT : typeof value !== 'object' || value === null;
