/** The events of SCORES in a trading competition: the outcome of every order, and the value of each portfolio. */
import { type Static, Type } from '@sinclair/typebox';
import { defineEvent, type EventOf } from './define.ts';
import { millisOf } from './instant.ts';
import { Instant } from './instant-schema.ts';
import { JsonObject, Nullable } from './json.ts';
import { Partition } from './partition.ts';
import { escapeToken, idOf } from './token.ts';

const Direction = Type.Union([Type.Literal('long'), Type.Literal('short')]);

/** A position, or a part of one, that an order closed. */
export const ClosedTrade = Type.Object({
  direction: Direction,
  size: Type.Number(),
  entry_price: Type.Number(),
  exit_price: Type.Number(),
  realized_pnl: Type.Number(),
  opened_at: Instant,
});
export type ClosedTrade = Static<typeof ClosedTrade>;

/** The outcome of one model's answer. */
export const Fill = Type.Object({
  prediction_id: Type.String(),
  model_id: Type.String(),
  /**
   * `filled`: at least in part. `ignored`: no order was requested, or the limits left no room. `failed`: the answer is
   * no order. `expired`: no price was known at its time.
   */
  outcome: Type.Union([
    Type.Literal('filled'),
    Type.Literal('ignored'),
    Type.Literal('failed'),
    Type.Literal('expired'),
  ]),
  /** why it is not filled, or null */
  reason: Nullable(Type.String()),
  direction: Nullable(Direction),
  /** requested, and filled after the limits; in units of capital */
  wanted_size: Type.Number({ minimum: 0 }),
  size: Type.Number({ minimum: 0 }),
  fee: Type.Number({ minimum: 0 }),
  closed: Nullable(ClosedTrade),
});
export type Fill = Static<typeof Fill>;

/**
 * The orders of a round, each filled or not. `price` is the last one known when the round was performed; null: there
 * was none.
 */
export const OrdersFilled = defineEvent('OrdersFilled', {
  v: 1,
  data: Type.Object({
    round_id: Type.String(),
    partition: Partition,
    scope_key: Type.String(),
    scope: JsonObject,
    performed_at: Instant,
    input_id: Type.String(),
    /** the asset that is traded */
    subject: Type.String(),
    price: Nullable(Type.Number()),
    /** id of the feed record of the price */
    price_record: Nullable(Type.String()),
    fills: Type.Array(Fill),
  }),
  id: ({ round_id }) => `fill:${round_id}`,
  natsSubject: ({ partition, scope_key }) => `scores.${partition}.${escapeToken(scope_key)}`,
});
export type OrdersFilled = EventOf<typeof OrdersFilled>;

export const MarkedPosition = Type.Object({
  subject: Type.String(),
  direction: Direction,
  size: Type.Number(),
  entry_price: Type.Number(),
  current_price: Type.Number(),
  unrealized_pnl: Type.Number(),
  accrued_carry: Type.Number(),
  opened_at: Instant,
});
export type MarkedPosition = Static<typeof MarkedPosition>;

/**
 * A model's portfolio at the end of a cycle, at the last prices of the cycle. Published for every model that answered
 * in the cycle or holds a position; all fields but the two counts of answers are totals since the model's first order.
 */
export const PortfolioMarked = defineEvent('PortfolioMarked', {
  v: 1,
  data: Type.Object({
    partition: Partition,
    model_id: Type.String(),
    cycle_start: Nullable(Instant),
    cycle_end: Instant,
    positions: Type.Array(MarkedPosition),
    /** unrealized + realized - fees - carry */
    net_pnl: Type.Number(),
    unrealized_pnl: Type.Number(),
    realized_pnl: Type.Number(),
    total_fees: Type.Number(),
    total_carry_costs: Type.Number(),
    /** orders filled so far */
    orders: Type.Integer({ minimum: 0 }),
    /** positions or parts of them closed so far, and how many of them with a profit */
    trades: Type.Integer({ minimum: 0 }),
    winning_trades: Type.Integer({ minimum: 0 }),
    /** answers of this cycle, and how many of them were no order */
    answers: Type.Integer({ minimum: 0 }),
    failed_answers: Type.Integer({ minimum: 0 }),
  }),
  id: ({ partition, model_id, cycle_end }) => idOf('mark', partition, model_id, millisOf(cycle_end)),
  // An address per model, so that publishing a cycle's marks need not wait for each other.
  natsSubject: ({ partition, model_id }) => `scores.${partition}.${escapeToken(`mark:${model_id}`)}`,
});
export type PortfolioMarked = EventOf<typeof PortfolioMarked>;
