/** A model's paper portfolio: at most one position per asset, sizes in units of capital. */
import type { Instant } from '@crunch-node/streams';

export type Direction = 'long' | 'short';

export interface TradingLimits {
  readonly max_position_size: number;
  /** over all positions together */
  readonly max_portfolio_size: number;
}

export interface CostModel {
  /** of the size of every order */
  readonly trading_fee_pct: number;
  readonly spread_pct: number;
  /** of the size of a position, for a year of holding it */
  readonly carry_annual_pct: number;
}

export interface TradingRules extends TradingLimits {
  readonly cost_model: CostModel;
}

export interface OpenPosition {
  readonly subject: string;
  readonly direction: Direction;
  readonly size: number;
  /** mean price of all that was added, by size */
  readonly entry_price: number;
  /** as of the last mark */
  readonly current_price: number;
  readonly accrued_carry: number;
  readonly opened_at: Instant;
  /** carry is charged up to here; kept, so that a restart does not charge it twice */
  readonly carried_until: Instant;
}

/** A position or a part of one, closed. */
export interface Trade {
  readonly subject: string;
  readonly direction: Direction;
  readonly size: number;
  readonly entry_price: number;
  readonly exit_price: number;
  readonly realized_pnl: number;
  readonly opened_at: Instant;
  readonly closed_at: Instant;
}

export interface Portfolio {
  /** in the order they were opened */
  readonly positions: readonly OpenPosition[];
  readonly fees: number;
  /** carry of the closed part */
  readonly closed_carry: number;
  readonly realized_pnl: number;
}

export const emptyPortfolio: Portfolio = { positions: [], fees: 0, closed_carry: 0, realized_pnl: 0 };

export const positionOf = (portfolio: Portfolio, subject: string): OpenPosition | undefined =>
  portfolio.positions.find((position) => position.subject === subject);

/** @throws {RangeError} when the entry price is 0 */
export function pnlOf(
  { direction, entry_price }: Pick<OpenPosition, 'direction' | 'entry_price'>,
  size: number,
  price: number,
): number {
  if (entry_price === 0) throw new RangeError('expected an entry price other than 0');
  const pnl = (size * (price - entry_price)) / entry_price;
  return direction === 'long' ? pnl : -pnl;
}
