import type { Fill, Instant, MarkedPosition, PortfolioMarked } from '@crunch-node/streams';
import type { PendingPrediction } from '../scoring/pending-round.ts';
import { priceSubjectOf, type TradingConfig } from './config.ts';
import { mark, valuation } from './mark.ts';
import { feeOf, fill } from './order.ts';
import { emptyPortfolio, type Portfolio, pnlOf } from './portfolio.ts';
import { type PriceBook, priceAt } from './prices.ts';
import { faultOfSignal, orderOf } from './signals.ts';

/** A model's portfolio and how often it traded, since its first order. */
export interface Account {
  readonly model_id: string;
  readonly portfolio: Portfolio;
  readonly orders: number;
  readonly trades: number;
  readonly winning_trades: number;
}

export const openAccount = (model_id: string): Account => ({
  model_id,
  portfolio: emptyPortfolio,
  orders: 0,
  trades: 0,
  winning_trades: 0,
});

/** The subject, price and time a prediction applies to. */
export interface Market {
  readonly subject: string;
  /** the last one known; null: none */
  readonly price: number | null;
  readonly at: Instant;
}

/** Fills one prediction. The position is marked first, so that a position closed by it pays its carry. */
export function trade(
  config: TradingConfig,
  account: Account,
  { prediction_id, model_id, inference_output }: PendingPrediction,
  { subject, price, at }: Market,
): { readonly account: Account; readonly fill: Fill } {
  const { signal_mode: mode, cost_model } = config;
  const unfilled = (outcome: Exclude<Fill['outcome'], 'filled'>, reason: string, asked: Asked = nothing) => ({
    account,
    fill: { prediction_id, model_id, outcome, reason, ...asked, size: 0, fee: 0, closed: null },
  });
  const fault = faultOfSignal(mode, inference_output);
  if (fault !== null) return unfilled('failed', fault);
  if (price === null) return unfilled('expired', `no price of ${priceSubjectOf(config, subject)} was known`);
  const marked = mark(account.portfolio, subject, price, at, cost_model);
  const wanted = orderOf(mode, inference_output, marked, subject);
  if (wanted === null) return unfilled('ignored', 'nothing to do');
  const asked = { direction: wanted.direction, wanted_size: wanted.size };
  const filled = fill(marked, { subject, ...wanted, price, at }, config);
  if (filled.size === 0) return unfilled('ignored', 'the limits leave no room', asked);
  const won = filled.trade !== null && filled.trade.realized_pnl > 0;
  return {
    account: {
      model_id,
      portfolio: filled.portfolio,
      orders: account.orders + 1,
      trades: account.trades + (filled.trade === null ? 0 : 1),
      winning_trades: account.winning_trades + (won ? 1 : 0),
    },
    fill: {
      prediction_id,
      model_id,
      outcome: 'filled',
      reason: null,
      ...asked,
      size: filled.size,
      fee: feeOf(filled.size, cost_model),
      closed: filled.trade === null ? null : closedTrade(filled.trade),
    },
  };
}

type Asked = Pick<Fill, 'direction' | 'wanted_size'>;
const nothing: Asked = { direction: null, wanted_size: 0 };

const closedTrade = ({ subject: _, closed_at: __, ...closed }: NonNullable<ReturnType<typeof fill>['trade']>) => closed;

/** Every position at its last price, charged up to a moment. */
export const markAll = (config: TradingConfig, account: Account, prices: PriceBook, at: Instant): Account => ({
  ...account,
  portfolio: account.portfolio.positions.reduce((held, { subject, current_price }) => {
    const price = priceAt(prices, priceSubjectOf(config, subject), at)?.price ?? current_price;
    return mark(held, subject, price, at, config.cost_model);
  }, account.portfolio),
});

type Worth = Omit<PortfolioMarked['data'], 'partition' | 'cycle_start' | 'cycle_end' | 'answers' | 'failed_answers'>;

/** An account as it is written down. */
export function worthOf({ model_id, portfolio, orders, trades, winning_trades }: Account): Worth {
  const value = valuation(portfolio);
  return {
    model_id,
    positions: portfolio.positions.map(
      ({ carried_until: _, ...position }): MarkedPosition => ({
        ...position,
        unrealized_pnl: pnlOf(position, position.size, position.current_price),
      }),
    ),
    net_pnl: value.net_pnl,
    unrealized_pnl: value.total_unrealized_pnl,
    realized_pnl: value.total_realized_pnl,
    total_fees: value.total_fees,
    total_carry_costs: value.total_carry_costs,
    orders,
    trades,
    winning_trades,
  };
}
