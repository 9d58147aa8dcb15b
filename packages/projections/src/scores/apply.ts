import type { RoundScored, ScoreEvent } from '@crunch-node/streams';
import type { Placed } from '../closings.ts';
import type { ScoredRoundRow, ScoreRow } from './tables.ts';

interface Rows {
  readonly scored_rounds?: readonly ScoredRoundRow[];
  readonly scores?: readonly ScoreRow[];
}

export function rowsOf({ event, sequence }: Placed<ScoreEvent>): Rows {
  switch (event.type) {
    case 'RoundScored':
      return { scored_rounds: [roundRow(event, sequence)], scores: scoreRows(event, sequence) };
    case 'CycleClosed':
      return {};
  }
}

const roundRow = ({ at, data }: RoundScored, sequence: number): ScoredRoundRow => ({
  round_id: data.round_id,
  partition: String(data.partition),
  scope_key: data.scope_key,
  performed_at: data.performed_at,
  resolvable_at: data.resolvable_at,
  input_id: data.input_id,
  ground_truth: data.ground_truth,
  ground_truth_records: data.ground_truth_records,
  scored_at: at,
  log_sequence: sequence,
});

const scoreRows = ({ at, data }: RoundScored, sequence: number): ScoreRow[] =>
  data.outcomes.map(({ model_id, score_id, prediction_id, outcome, result, success, failed_reason }) => {
    const value = result?.value;
    return {
      round_id: data.round_id,
      model_id,
      score_id,
      prediction_id,
      outcome,
      value: typeof value === 'number' ? value : null,
      result,
      success,
      failed_reason,
      scored_at: at,
      log_sequence: sequence,
    };
  });
