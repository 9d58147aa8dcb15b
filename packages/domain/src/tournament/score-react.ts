/** Score in a tournament: a round is finished when its ground truth has been provided, sample by sample. */
import {
  byCodePoint,
  type GroundTruthProvided,
  type Json,
  type RoundPredicted,
  RoundScored,
  type RoundSkipped,
  type ScoreEvent,
  type TournamentRoundRequested,
} from '@crunch-node/streams';
import type { React } from '../cyclic.ts';
import { groupBy } from '../group-by.ts';
import { isObject } from '../scoring/coerce.ts';
import type { ScoreRules } from '../scoring/rules.ts';
import { scorePredictions } from '../scoring/score-prediction.ts';
import { scoresClosed } from '../scoring/scores-closed.ts';
import { type Resolution, recordedTruth } from '../scoring/window.ts';
import { fitScored } from '../sizes/fit-scored.ts';

export type TournamentScoreInput = RoundPredicted | RoundSkipped | TournamentRoundRequested | GroundTruthProvided;

/** Samples whose ground truth is not known yet, by round. */
export interface TournamentScoreState {
  readonly pending: ReadonlyMap<string, readonly RoundPredicted[]>;
}

export const tournamentScoreStart: TournamentScoreState = { pending: new Map() };

/**
 * A round starts before its ground truth is provided, and predict publishes its samples before it closes the cycle the
 * round started in: so in the cycle of the ground truth all samples have been read.
 */
export const tournamentScoreReact =
  (rules: ScoreRules, partition: number): React<TournamentScoreState, TournamentScoreInput, ScoreEvent> =>
  (state, cycle, events) => {
    const arrived = events.filter(
      (event): event is RoundPredicted => event.type === 'RoundPredicted' && event.data.tournament !== undefined,
    );
    const pending = new Map(state.pending);
    for (const [tournament, samples] of groupBy(arrived, ({ data }) => data.tournament ?? '')) {
      pending.set(tournament, [...(pending.get(tournament) ?? []), ...samples]);
    }
    const scored: RoundScored[] = [];
    for (const event of events) {
      if (event.type !== 'GroundTruthProvided') continue;
      const { tournament } = event.data;
      scored.push(...(pending.get(tournament) ?? []).map((round) => finish(rules, round, event, cycle.end)));
      pending.delete(tournament);
    }
    scored.sort(canonically);
    return { state: { pending }, events: [...scored, scoresClosed(cycle, partition, scored)] };
  };

const canonically = (a: RoundScored, b: RoundScored): number =>
  byCodePoint(a.data.performed_at, b.data.performed_at) ||
  byCodePoint(a.data.scope_key, b.data.scope_key) ||
  byCodePoint(a.data.round_id, b.data.round_id);

function finish(
  rules: ScoreRules,
  { data }: RoundPredicted,
  { at, data: { ground_truth } }: GroundTruthProvided,
  cycleEnd: string,
): RoundScored {
  const { round_id, partition, scope_key, scope, performed_at, input_id, predictions, tournament, sample } = data;
  const resolution = resolutionOf(ground_truth, sample ?? 0);
  const scored = RoundScored.at(cycleEnd, {
    round_id,
    partition,
    scope_key,
    scope,
    performed_at,
    resolvable_at: at,
    input_id,
    ...(tournament === undefined ? {} : { tournament }),
    ...(sample === undefined ? {} : { sample }),
    ground_truth: recordedTruth(resolution),
    ground_truth_records: null,
    outcomes: scorePredictions(
      rules,
      predictions.filter(({ status }) => status === 'PENDING'),
      resolution,
    ),
  });
  return fitScored(scored, rules);
}

/** By the index of the sample, never by its place among the predicted ones. */
function resolutionOf(groundTruth: readonly Json[], sample: number): Resolution {
  const truth = groundTruth[sample];
  if (truth !== undefined && isObject(truth)) return { kind: 'resolved', ground_truth: truth, records: null };
  const reason = `no ground truth for sample ${sample}: ${groundTruth.length} were provided`;
  return { kind: 'expired', reason, records: null };
}
