import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { minute } from '../testing/given-events.ts';
import { mark, valuation } from './mark.ts';
import { fill, InvalidOrder } from './order.ts';
import { emptyPortfolio, type Portfolio, positionOf, type TradingRules } from './portfolio.ts';
import { orderOf } from './signals.ts';

const rules: TradingRules = {
  cost_model: { trading_fee_pct: 0.01, spread_pct: 0, carry_annual_pct: 0.365 },
  max_position_size: 10,
  max_portfolio_size: 15,
};
const order = (direction: 'long' | 'short', size: number, price: number, subject = 'BTC', at = 0) => ({
  subject,
  direction,
  size,
  price,
  at: minute(at),
});
const filled = (portfolio: Portfolio, ...orders: ReturnType<typeof order>[]): Portfolio =>
  orders.reduce((held, one) => fill(held, one, rules).portfolio, portfolio);

describe('a paper portfolio', () => {
  it('turns a position by closing it first', () => {
    const { portfolio, trade } = fill(filled(emptyPortfolio, order('long', 4, 100)), order('short', 6, 110), rules);
    assert.equal(trade?.realized_pnl, 0.4);
    assert.deepEqual([positionOf(portfolio, 'BTC')?.direction, positionOf(portfolio, 'BTC')?.size], ['short', 2]);
  });

  it('charges carry once, however often a price is repeated', () => {
    const held = filled(emptyPortfolio, order('long', 1, 100));
    const day = 24 * 60;
    const once = mark(held, 'BTC', 100, minute(day), rules.cost_model);
    const twice = mark(
      mark(held, 'BTC', 100, minute(day / 2), rules.cost_model),
      'BTC',
      100,
      minute(day),
      rules.cost_model,
    );
    assert.ok(Math.abs(valuation(once).total_carry_costs - 0.001) < 1e-12);
    assert.ok(Math.abs(valuation(twice).total_carry_costs - 0.001) < 1e-12);
  });

  it('has a mean price between its prices, also for tiny sizes', () => {
    const tiny = filled(emptyPortfolio, order('long', 5e-324, 0.1), order('long', 5e-324, 0.3));
    const { entry_price = 0 } = positionOf(tiny, 'BTC') ?? {};
    assert.ok(entry_price >= 0.1 && entry_price <= 0.3, `${entry_price}`);
    assert.equal(valuation(mark(tiny, 'BTC', 0.2, minute(1), rules.cost_model)).open_position_count, 1);
  });

  it('refuses an order of size 0', () =>
    assert.throws(() => fill(emptyPortfolio, order('long', 0, 100), rules), InvalidOrder));

  it('never exceeds its limits and always has a finite value', () => {
    const orders = fc.array(
      fc.tuple(
        fc.constantFrom('long', 'short'),
        fc.double({ min: 0.01, max: 30, noNaN: true }),
        fc.constantFrom('BTC', 'ETH', 'SOL'),
        fc.integer({ min: 50, max: 150 }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(orders, (given) => {
        let portfolio = emptyPortfolio;
        for (const [i, [direction, size, subject, price]] of given.entries()) {
          portfolio = fill(portfolio, order(direction, size, price, subject, i), rules).portfolio;
          portfolio = mark(portfolio, subject, price, minute(i), rules.cost_model);
          const sizes = portfolio.positions.map((position) => position.size);
          assert.ok(sizes.every((one) => one > 0 && one <= 10 + 1e-9));
          assert.ok(sizes.reduce((sum, one) => sum + one, 0) <= 15 + 1e-9);
          assert.ok(Object.values(valuation(portfolio)).every(Number.isFinite));
        }
      }),
    );
  });

  it('reads targets as where the position should be', () => {
    const held = filled(emptyPortfolio, order('long', 2, 100));
    assert.deepEqual(orderOf('target', { signal: 5 }, held, 'BTC'), { direction: 'long', size: 3 });
    assert.deepEqual(orderOf('target', { signal: 0.5 }, held, 'BTC'), { direction: 'short', size: 1.5 });
    assert.deepEqual(orderOf('target', { signal: -1 }, held, 'BTC'), { direction: 'short', size: 3 });
    assert.deepEqual(orderOf('target', { signal: 0 }, held, 'BTC'), { direction: 'short', size: 2 });
    assert.equal(orderOf('target', { signal: 2 }, held, 'BTC'), null);
    assert.equal(orderOf('order', { action: 'hold', amount: 1 }, held, 'BTC'), null);
  });
});
