/** Score: a round whose horizon is over is finished, with results or with the reason why there are none. */
import {
  byCodePoint,
  type EnsembleSignalled,
  type FeedRecorded,
  type Instant,
  type RoundPredicted,
  RoundScored,
  type RoundSkipped,
  type ScoreEvent,
  type ScorePartition,
} from '@crunch-node/streams';
import type { React } from '../cyclic.ts';
import { fitScored } from '../sizes/fit-scored.ts';
import { type FeedHistories, forget, remember } from './feed-history.ts';
import { feedsOf, type PendingRound, pendingRoundOf } from './pending-round.ts';
import type { ScoreRules } from './rules.ts';
import { scorePredictions } from './score-prediction.ts';
import { scoresClosed } from './scores-closed.ts';
import { recordedTruth, resolve } from './window.ts';

export type ScoreInput = FeedRecorded | RoundPredicted | RoundSkipped | EnsembleSignalled;

/** Rounds not finished yet and the feed records they still need. */
export interface ScoreState {
  readonly pending: readonly PendingRound[];
  readonly feeds: FeedHistories;
}

export const scoreStart: ScoreState = { pending: [], feeds: {} };

/** @param partition whose rounds these are; `ensemble` reads signals instead of predictions */
export const scoreReact =
  (rules: ScoreRules, partition: ScorePartition): React<ScoreState, ScoreInput, ScoreEvent> =>
  (state, cycle, events) => {
    const feeds = remember(
      state.feeds,
      events.filter((event): event is FeedRecorded => event.type === 'FeedRecorded'),
      cycle.start,
    );
    const due: PendingRound[] = [];
    const pending: PendingRound[] = [];
    const place = (round: PendingRound): unknown => (round.resolvable_at <= cycle.end ? due : pending).push(round);
    state.pending.forEach(place);
    for (const event of events) {
      if (event.type !== 'RoundPredicted' && event.type !== 'EnsembleSignalled') continue;
      const round = pendingRoundOf(event);
      if (round !== null) place(round);
    }
    const scored = due.sort(canonically).map((round) => finish(rules, partition, round, feeds, cycle.end));
    return {
      state: { pending: pending.sort(canonically), feeds: forget(feeds, earliestPerFeed(pending), cycle.end) },
      events: [...scored, scoresClosed(cycle, partition, scored)],
    };
  };

const canonically = (a: PendingRound, b: PendingRound): number =>
  byCodePoint(a.performed_at, b.performed_at) ||
  byCodePoint(a.scope_key, b.scope_key) ||
  byCodePoint(a.round_id, b.round_id);

/** A round without predictions needs no ground truth: it is not resolved, and recorded as null. */
function finish(
  rules: ScoreRules,
  partition: ScorePartition,
  round: PendingRound,
  feeds: FeedHistories,
  cycleEnd: Instant,
): RoundScored {
  const { round_id, scope_key, scope, performed_at, resolvable_at, input_id } = round;
  const about = { round_id, partition, scope_key, scope, performed_at, resolvable_at, input_id };
  if (round.predictions.length === 0) {
    return RoundScored.at(cycleEnd, { ...about, ground_truth: null, ground_truth_records: null, outcomes: [] });
  }
  const resolution = resolve(rules, round, feeds);
  const scored = RoundScored.at(cycleEnd, {
    ...about,
    ground_truth: recordedTruth(resolution),
    ground_truth_records: resolution.records,
    outcomes: scorePredictions(rules, round.predictions, resolution),
  });
  return fitScored(scored, rules);
}

/** Earliest moment a pending round of each feed was performed; rounds come in any order. */
function earliestPerFeed(pending: readonly PendingRound[]): Map<string, Instant> {
  const earliest = new Map<string, Instant>();
  for (const round of pending) {
    if (round.predictions.length === 0) continue;
    for (const key of feedsOf(round)) {
      const known = earliest.get(key);
      if (known === undefined || round.performed_at < known) earliest.set(key, round.performed_at);
    }
  }
  return earliest;
}
