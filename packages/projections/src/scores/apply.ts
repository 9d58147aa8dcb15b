import { scoreId } from '@crunch-node/domain';
import {
  type Fill,
  type OrdersFilled,
  type RoundScored,
  type ScoreEvent,
  type ScoresCycleClosed,
  secondsBetween,
} from '@crunch-node/streams';
import type { Placed } from '../closings.ts';
import type { ScoreCycleRow, ScoredRoundRow, ScoreRow, ScoreScopeRow } from './tables.ts';

interface Rows {
  readonly scored_rounds?: readonly ScoredRoundRow[];
  readonly scores?: readonly ScoreRow[];
  readonly score_scopes?: readonly ScoreScopeRow[];
  readonly score_cycles?: readonly ScoreCycleRow[];
}

export function rowsOf({ event, sequence }: Placed<ScoreEvent>): Rows {
  switch (event.type) {
    case 'RoundScored':
      return {
        scored_rounds: [roundRow(event, sequence)],
        scores: scoreRows(event, sequence),
        score_scopes: [scopeRow(event)],
      };
    case 'OrdersFilled':
      return {
        scored_rounds: [filledRoundRow(event, sequence)],
        scores: fillRows(event, sequence),
        score_scopes: [scopeRow(event)],
      };
    case 'CycleClosed':
      return event.data.rounds === 0 ? {} : { score_cycles: [cycleRow(event, sequence)] };
    case 'PortfolioMarked':
      return {};
  }
}

const cycleRow = ({ data }: ScoresCycleClosed, sequence: number): ScoreCycleRow => ({
  partition: String(data.partition),
  cycle_end: data.end,
  config_hash: data.config_hash,
  rounds: data.rounds,
  rounds_hash: data.rounds_hash,
  log_sequence: sequence,
});

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
      value: typeof value === 'number' && Number.isFinite(value) ? value : null, // JSON text can hold 1e999
      result,
      success,
      failed_reason,
      scored_at: at,
      log_sequence: sequence,
    };
  });

const scopeRow = ({ at, data }: RoundScored | OrdersFilled): ScoreScopeRow => ({
  scope_key: data.scope_key,
  scope: data.scope,
  performed_at: data.performed_at,
  lag_seconds: secondsBetween(data.performed_at, at),
});

/** An order is filled at once, so its ground truth is the price it was filled at. */
const filledRoundRow = ({ at, data }: OrdersFilled, sequence: number): ScoredRoundRow => ({
  round_id: data.round_id,
  partition: String(data.partition),
  scope_key: data.scope_key,
  performed_at: data.performed_at,
  resolvable_at: data.performed_at,
  input_id: data.input_id,
  ground_truth: data.price === null ? null : { symbol: data.subject, entry_price: data.price },
  ground_truth_records: { entry: data.price_record, first: null, last: null, count: 0 },
  scored_at: at,
  log_sequence: sequence,
});

const SCORE_OUTCOME = { filled: 'scored', ignored: 'scored', failed: 'failed', expired: 'expired' } as const;

/** The score of an order is its immediate effect: the realised profit less its fee. Scores add up to the portfolio's. */
const fillRows = ({ at, data }: OrdersFilled, sequence: number): ScoreRow[] =>
  data.fills.map((fill) => {
    const outcome = SCORE_OUTCOME[fill.outcome];
    const isDone = outcome === 'scored';
    return {
      round_id: data.round_id,
      model_id: fill.model_id,
      score_id: scoreId(fill.prediction_id),
      prediction_id: fill.prediction_id,
      outcome,
      value: isDone ? gainOf(fill) : null,
      result: isDone ? resultOf(fill, data.price) : null,
      success: isDone,
      failed_reason: isDone ? null : fill.reason,
      scored_at: at,
      log_sequence: sequence,
    };
  });

const gainOf = ({ closed, fee }: Fill): number => (closed?.realized_pnl ?? 0) - fee;

const resultOf = (fill: Fill, price: number | null): ScoreRow['result'] => ({
  value: gainOf(fill),
  direction: fill.direction,
  wanted_size: fill.wanted_size,
  size: fill.size,
  price,
  fee: fill.fee,
  realized_pnl: fill.closed?.realized_pnl ?? 0,
  reason: fill.reason,
});
