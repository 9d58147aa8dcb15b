import { type Instant, secondsBetween } from '@crunch-node/streams';
import { type CostModel, type Portfolio, pnlOf } from './portfolio.ts';

const SECONDS_PER_YEAR = 365 * 86_400;

/** A new price of an asset: its position is valued by it and charged for having been held. */
export const mark = (
  portfolio: Portfolio,
  subject: string,
  price: number,
  at: Instant,
  { carry_annual_pct }: CostModel,
): Portfolio => ({
  ...portfolio,
  positions: portfolio.positions.map((position) => {
    if (position.subject !== subject) return position;
    const held = secondsBetween(position.carried_until, at);
    const carry = (carry_annual_pct * position.size * held) / SECONDS_PER_YEAR;
    return {
      ...position,
      current_price: price,
      accrued_carry: position.accrued_carry + carry,
      carried_until: at,
    };
  }),
});

/** Value of a portfolio. `net_pnl` is after fees and carry. */
export function valuation(portfolio: Portfolio) {
  const { positions, fees, closed_carry, realized_pnl } = portfolio;
  const unrealized = positions.reduce(
    (sum, position) => sum + pnlOf(position, position.size, position.current_price),
    0,
  );
  const carry = closed_carry + positions.reduce((sum, { accrued_carry }) => sum + accrued_carry, 0);
  return {
    open_position_count: positions.length,
    total_unrealized_pnl: unrealized,
    total_realized_pnl: realized_pnl,
    total_fees: fees,
    total_carry_costs: carry,
    net_pnl: unrealized + realized_pnl - fees - carry,
  };
}
