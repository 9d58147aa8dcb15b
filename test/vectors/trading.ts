import {
  emptyPortfolio,
  faultOfSignal,
  fill,
  mark,
  type Order,
  orderOf,
  type Portfolio,
  pnlMetrics,
  type Trade,
  type TradingRules,
  valuation,
} from '@crunch-node/domain';
import { instantOf } from './times.ts';
import type { Operations, VectorInput } from './vector.ts';

/** A model's portfolio and everything it has closed. */
interface Account {
  readonly portfolio: Portfolio;
  readonly trades: readonly Trade[];
}
const start: Account = { portfolio: emptyPortfolio, trades: [] };

function place({ portfolio, trades }: Account, order: Order, rules: TradingRules): Account {
  const filled = fill(portfolio, order, rules);
  return { portfolio: filled.portfolio, trades: filled.trade === null ? trades : [...trades, filled.trade] };
}

const shown = (instant: string): string => instant.replace('.000000Z', '+00:00');

const accounts = (byModel: ReadonlyMap<string, Account>): unknown =>
  Object.fromEntries(
    [...byModel].map(([model_id, { portfolio, trades }]) => [
      model_id,
      {
        positions: portfolio.positions.map(({ carried_until: _, ...position }) => ({
          ...position,
          model_id,
          opened_at: shown(position.opened_at),
        })),
        trades: trades.map((trade) => ({
          ...trade,
          model_id,
          fees_paid: 0,
          opened_at: shown(trade.opened_at),
          closed_at: shown(trade.closed_at),
        })),
        portfolio_fees: portfolio.fees,
        closed_carry: portfolio.closed_carry,
        snapshot: valuation(portfolio),
      },
    ]),
  );

function engine({ steps, ...rules }: VectorInput): unknown {
  const byModel = new Map<string, Account>();
  for (const step of steps) {
    const at = instantOf(step.at);
    if (step.type === 'order') {
      byModel.set(step.model_id, place(byModel.get(step.model_id) ?? start, { ...step, at }, rules));
      continue;
    }
    for (const [model_id, account] of byModel) {
      const portfolio = mark(account.portfolio, step.subject, step.price, at, rules.cost_model);
      byModel.set(model_id, { ...account, portfolio });
    }
  }
  return accounts(byModel);
}

function signals({ steps, signal_mode, ...rules }: VectorInput): unknown {
  let account = start;
  for (const { at, subject, output, price } of steps) {
    const fault = signal_mode === 'order' ? faultOfSignal(signal_mode, output) : null;
    if (fault !== null) throw new TypeError(fault);
    const wanted = orderOf(signal_mode, output, account.portfolio, subject);
    if (wanted !== null) account = place(account, { ...wanted, subject, price, at: instantOf(at) }, rules);
  }
  return accounts(new Map([['m', account]]));
}

export const tradingOperations: Operations = {
  engine,
  signals,
  pnl_metrics: ({ pnl_series }) => pnlMetrics(pnl_series),
};
