import type { Instant } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import {
  type CostModel,
  type Direction,
  type OpenPosition,
  type Portfolio,
  pnlOf,
  positionOf,
  type Trade,
  type TradingLimits,
  type TradingRules,
} from './portfolio.ts';

export interface Order {
  readonly subject: string;
  readonly direction: Direction;
  readonly size: number;
  readonly price: number;
  readonly at: Instant;
}

export class InvalidOrder extends CrunchError {
  override readonly name = 'InvalidOrder';
  override readonly code = 'invalid_order';
  readonly order: Order;
  constructor(order: Order) {
    super(`expected direction long or short and a size above 0, received ${order.direction} ${order.size}`);
    this.order = order;
  }
}

export interface Filled {
  readonly portfolio: Portfolio;
  /** filled size, after the limits; 0: nothing */
  readonly size: number;
  /** the part of the position that the order closed */
  readonly trade: Trade | null;
}

/** Fee of an order, whatever it does. */
export const feeOf = (size: number, { trading_fee_pct, spread_pct }: CostModel): number =>
  (trading_fee_pct + spread_pct) * size;

/** Opens, adds to, reduces, closes or turns a position, within the limits. @throws {InvalidOrder} */
export function fill(portfolio: Portfolio, order: Order, rules: TradingRules): Filled {
  if ((order.direction !== 'long' && order.direction !== 'short') || !(order.size > 0)) throw new InvalidOrder(order);
  const position = positionOf(portfolio, order.subject);
  const size = withinLimits(portfolio, position, order, rules);
  if (size <= 0) return { portfolio, size: 0, trade: null };
  const charged = { ...portfolio, fees: portfolio.fees + feeOf(size, rules.cost_model) };
  const sized = { ...order, size };
  if (position === undefined) return { portfolio: withPosition(charged, opened(sized)), size, trade: null };
  if (position.direction === order.direction) {
    return { portfolio: replacing(charged, position, addedTo(position, sized)), size, trade: null };
  }
  return { ...closing(charged, position, sized), size };
}

/** An order against the position may close all of it, so only the other positions count towards the portfolio's size. */
function withinLimits(
  portfolio: Portfolio,
  position: OpenPosition | undefined,
  order: Order,
  limits: TradingLimits,
): number {
  const adding = position !== undefined && position.direction === order.direction;
  const room = adding ? Math.max(0, limits.max_position_size - position.size) : limits.max_position_size;
  const counted = portfolio.positions.filter((other) => adding || other !== position);
  const used = counted.reduce((sum, other) => sum + other.size, 0);
  return Math.min(order.size, room, Math.max(0, limits.max_portfolio_size - used));
}

const opened = ({ subject, direction, size, price, at }: Order): OpenPosition => ({
  subject,
  direction,
  size,
  entry_price: price,
  current_price: price,
  accrued_carry: 0,
  opened_at: at,
  carried_until: at,
});

function addedTo(position: OpenPosition, { size, price }: Order): OpenPosition {
  const total = position.size + size;
  const mean = (position.entry_price * position.size + price * size) / total;
  // Sizes next to nothing make products of 0: a mean price is between the two.
  const entry_price = mean > 0 && Number.isFinite(mean) ? mean : between(position.entry_price, price, size / total);
  return { ...position, size: total, entry_price };
}

const between = (from: number, to: number, share: number): number => from + (to - from) * share;

/** The closed part takes its share of the carry with it; the rest of the order opens the other way. */
function closing(portfolio: Portfolio, position: OpenPosition, order: Order): { portfolio: Portfolio; trade: Trade } {
  const size = Math.min(order.size, position.size);
  const trade: Trade = {
    subject: position.subject,
    direction: position.direction,
    size,
    entry_price: position.entry_price,
    exit_price: order.price,
    realized_pnl: pnlOf(position, size, order.price),
    opened_at: position.opened_at,
    closed_at: order.at,
  };
  const carry = size === position.size ? position.accrued_carry : position.accrued_carry * (size / position.size);
  const settled = {
    ...portfolio,
    closed_carry: portfolio.closed_carry + carry,
    realized_pnl: portfolio.realized_pnl + trade.realized_pnl,
  };
  if (size < position.size) {
    const rest = { ...position, size: position.size - size, accrued_carry: position.accrued_carry - carry };
    return { portfolio: replacing(settled, position, rest), trade };
  }
  const without = { ...settled, positions: settled.positions.filter((other) => other !== position) };
  const remainder = order.size - position.size;
  return { portfolio: remainder > 0 ? withPosition(without, opened({ ...order, size: remainder })) : without, trade };
}

const withPosition = (portfolio: Portfolio, position: OpenPosition): Portfolio => ({
  ...portfolio,
  positions: [...portfolio.positions, position],
});

const replacing = (portfolio: Portfolio, old: OpenPosition, position: OpenPosition): Portfolio => ({
  ...portfolio,
  positions: portfolio.positions.map((other) => (other === old ? position : other)),
});
