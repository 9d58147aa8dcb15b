import type { ClosedTrade, MarkedPosition } from '@crunch-node/streams';
import { bigint, double, integer, json, nullable, oneOf, text, timestamp } from '../columns.ts';
import { defineTable, type RowOf } from '../define-table.ts';

/** Outcomes of all orders. */
export const fills = defineTable('fills', {
  key: ['round_id', 'model_id'],
  columns: {
    round_id: text,
    model_id: text,
    prediction_id: text,
    scope_key: text,
    subject: text,
    performed_at: timestamp,
    outcome: oneOf('filled', 'ignored', 'failed', 'expired'),
    reason: nullable(text),
    direction: nullable(oneOf('long', 'short')),
    wanted_size: double,
    size: double,
    price: nullable(double),
    fee: double,
    /** of the closed part; null: it closed nothing */
    realized_pnl: nullable(double),
    closed: nullable(json<ClosedTrade>()),
    filled_at: timestamp,
    log_sequence: bigint,
  },
  observed: ['log_sequence'],
  indexes: [['model_id', 'performed_at'], ['performed_at']],
});
export type FillRow = RowOf<typeof fills>;

/** Values of all portfolios at the ends of cycles. */
export const portfolioMarks = defineTable('portfolio_marks', {
  key: ['model_id', 'cycle_end'],
  columns: {
    model_id: text,
    cycle_end: timestamp,
    positions: json<readonly MarkedPosition[]>(),
    net_pnl: double,
    unrealized_pnl: double,
    realized_pnl: double,
    total_fees: double,
    total_carry_costs: double,
    orders: integer,
    trades: integer,
    winning_trades: integer,
    answers: integer,
    failed_answers: integer,
    log_sequence: bigint,
  },
  observed: ['log_sequence'],
  indexes: [['cycle_end']],
});
export type PortfolioMarkRow = RowOf<typeof portfolioMarks>;
