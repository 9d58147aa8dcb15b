import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Fill, PortfolioMarked, RoundPredicted } from '@crunch-node/streams';
import fc from 'fast-check';
import { candle, cycleTo, minute, predicted } from '../testing/given-events.ts';
import { hostileNumber } from '../testing/hostile-numbers.ts';
import { assertFinite, bytes, specification } from '../testing/specification.ts';
import type { TradingConfig } from './config.ts';
import { type TradingInput, type TradingState, tradingReact, tradingStart } from './react.ts';
import { tradingSnapshotReact, tradingSnapshotStart } from './snapshot-react.ts';

/** A hundredth of every order, and a tenth of a thousandth of what is held for every minute. */
const config: TradingConfig = {
  signal_mode: 'order',
  cost_model: { trading_fee_pct: 0.01, spread_pct: 0, carry_annual_pct: 0.0001 * 365 * 1_440 },
  max_position_size: 10,
  max_portfolio_size: 15,
  asset_price_mapping: { BTC: 'BTCUSDT', ETH: 'ETHUSDT' },
};
const react = tradingReact(config, 0);
const given = specification(react);

/** The predictions of a round: more than 0 buys, less sells. Anything that is no number is used as it is. */
function orders(at: number, wanted: Readonly<Record<string, unknown>>, subject = 'BTC'): RoundPredicted {
  const round = predicted({ at, subject, answers: Object.fromEntries(Object.keys(wanted).map((id) => [id, 0])) });
  const predictions = round.data.predictions.map((prediction) => {
    const answer = wanted[prediction.model_id];
    const inference_output =
      typeof answer === 'number' ? { action: answer > 0 ? 'buy' : 'sell', amount: Math.abs(answer) } : answer;
    return { ...prediction, inference_output: inference_output as never };
  });
  return { ...round, data: { ...round.data, predictions } };
}
const price = (at: number, close: number, asset = 'BTC') => candle(at, close, `${asset}USDT`);

/** Runs cycle after cycle of a minute; what happens at a minute is given by its number. */
function run(minutes: number, happens: (at: number) => readonly TradingInput[], from: TradingState = tradingStart) {
  let state = from;
  const fills: (Pick<Fill, 'model_id' | 'outcome' | 'size'> & Fill)[] = [];
  let marks: PortfolioMarked['data'][] = [];
  for (let at = 1; at <= minutes; at++) {
    const result = given(state).when(cycleTo(at, at === 1 ? null : at - 1), happens(at));
    fills.push(...result.data('OrdersFilled').flatMap((filled) => filled.fills));
    marks = result.data('PortfolioMarked');
    state = result.state;
  }
  return { state, fills, marks, mark: marks[0] };
}
const near = (actual: number | undefined, expected: number): void =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-9, `expected ${expected}, received ${actual}`);

describe('a trading competition', () => {
  it('publishes only JSON values for any order at any price, and fails an invalid order alone', () => {
    const wanted = fc.oneof(
      hostileNumber,
      fc.constantFrom({}, { amount: 1 }, { action: 'hold', amount: 1 }, { action: 'buy', amount: 'Infinity' }),
    );
    const minutes = fc.array(fc.tuple(hostileNumber.map(Math.abs), wanted, wanted), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(minutes, (each) => {
        let state = tradingStart;
        let summaries = tradingSnapshotStart;
        each.forEach(([close, a, b], i) => {
          const at = i + 1;
          const cycle = cycleTo(at, i === 0 ? null : i);
          const result = given(state).when(cycle, [price(at, close), orders(at, { a, b, c: 1 })]);
          state = result.state;
          const summary = tradingSnapshotReact(summaries, cycle, result.published as never);
          summaries = summary.state;
          assertFinite([result.published, summary.events]);
          const fills = result.data('OrdersFilled').flatMap((filled) => filled.fills);
          assert.notEqual(fills.find(({ model_id }) => model_id === 'c')?.outcome, 'failed');
          for (const { outcome, reason } of fills) assert.equal(outcome === 'filled', reason === null);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('fills at the last price known when the order was given, never at a later one', () => {
    const result = given(tradingStart).when(cycleTo(3, null), [
      price(1, 100),
      price(3, 300),
      orders(2, { a: 4 }), // given a minute after the last price, and a minute before the next one
    ]);
    const [filled] = result.data('OrdersFilled');
    assert.deepEqual([filled?.subject, filled?.price, filled?.price_record], ['BTC', 100, price(1, 0).id]);
    assert.deepEqual(filled?.fills, [
      {
        prediction_id: 'PRE_a_BTC_20260101_000200.000',
        model_id: 'a',
        outcome: 'filled',
        reason: null,
        direction: 'long',
        wanted_size: 4,
        size: 4,
        fee: 0.04,
        closed: null,
      },
    ]);
    assert.equal(result.published[0]?.id, 'fill:round:0:BTC:1767225720000000');
    assert.equal(result.published[1]?.id, `mark:0:a:${Date.parse(minute(3))}`);
    near(result.data('PortfolioMarked')[0]?.unrealized_pnl, 4 * 2);
  });

  it('records a reason for every unfilled prediction', () => {
    const before = given(tradingStart).when(cycleTo(1, null), [orders(1, { a: 1 })]);
    assert.deepEqual(
      before.data('OrdersFilled')[0]?.fills.map(({ outcome, reason }) => [outcome, reason]),
      [['expired', 'no price of BTCUSDT was known']],
    );
    const { fills } = run(1, () => [
      price(1, 100),
      orders(1, { a: { action: 'hold', amount: 1 }, b: { action: 'buy' }, c: 0, d: { action: 'buy', amount: -3 } }),
    ]);
    assert.deepEqual(
      fills.map(({ outcome, reason, size, fee }) => [outcome, reason, size, fee]),
      [
        ['failed', 'action: expected buy or sell, received "hold"', 0, 0],
        ['failed', 'amount: expected a number, received nothing', 0, 0],
        ['ignored', 'nothing to do', 0, 0],
        ['ignored', 'nothing to do', 0, 0],
      ],
    );
  });

  it('keeps positions and portfolios within their limits', () => {
    const { fills, mark } = run(3, (at) => [
      price(at, 100),
      price(at, 10, 'ETH'),
      orders(at, { a: 8 }),
      orders(at, { a: 8 }, 'ETH'),
    ]);
    assert.deepEqual(
      fills.map(({ outcome, wanted_size, size }) => [outcome, wanted_size, size]),
      [
        ['filled', 8, 8],
        ['filled', 8, 7], // 15 over all
        ['ignored', 8, 0],
        ['ignored', 8, 0],
        ['ignored', 8, 0],
        ['ignored', 8, 0],
      ],
    );
    assert.deepEqual([mark?.positions.length, mark?.orders, mark?.answers], [2, 2, 2]);
  });

  it('closes a part, then turns the position, and records the profit', () => {
    const { fills, mark } = run(4, (at) => [
      price(at, 90 + 10 * at),
      ...(at === 4 ? [] : [orders(at, { a: [0, 4, -1, -5][at] })]),
    ]);
    assert.deepEqual(
      fills.map(({ closed }) => closed && [closed.direction, closed.size, closed.entry_price, closed.exit_price]),
      [null, ['long', 1, 100, 110], ['long', 3, 100, 120]],
    );
    near(mark?.realized_pnl, 0.1 + 3 * 0.2);
    near(mark?.total_fees, 0.1);
    near(mark?.unrealized_pnl, (-2 * 10) / 120);
    assert.deepEqual([mark?.trades, mark?.winning_trades, mark?.orders], [2, 2, 3]);
    const [position] = mark?.positions ?? [];
    assert.deepEqual([position?.direction, position?.size, position?.opened_at], ['short', 2, minute(3)]);
  });

  it('charges carry for every minute once, also for a model without further predictions', () => {
    const { mark } = run(6, (at) => (at === 1 ? [price(1, 100), orders(1, { a: 5 })] : []));
    near(mark?.total_carry_costs, 5 * 5 * 0.0001);
    assert.deepEqual([mark?.answers, mark?.cycle_end], [0, minute(6)]);
    const closed = run(6, (at) => [
      price(at, 100),
      ...(at === 1 || at === 4 ? [orders(at, { a: at === 1 ? 5 : -5 })] : []),
    ]);
    assert.equal(closed.marks.length, 0); // nothing can have changed any more
    near(closed.state.accounts[0]?.portfolio.closed_carry, 3 * 5 * 0.0001);
  });

  it('marks a flat model that keeps predicting', () => {
    const { mark } = run(2, (at) => [price(at, 100), orders(at, { a: 0, b: 'nonsense' })]);
    assert.deepEqual([mark?.model_id, mark?.positions, mark?.net_pnl, mark?.answers], ['a', [], 0, 1]);
  });

  it('keeps events ahead of the cycle for their own, and leaves out late prices', () => {
    const early = [price(1, 100), price(2, 200), orders(2, { a: 1 })];
    const first = given(tradingStart).when(cycleTo(1, null), early);
    assert.deepEqual(
      first.published.map(({ type }) => type),
      ['CycleClosed'],
    );
    const second = given(first.state).when(cycleTo(2), [price(1, 999)]);
    assert.equal(second.data('OrdersFilled')[0]?.price, 200);
    const dropped = given(first.state).when(cycleTo(2), []);
    assert.equal(bytes(second.published), bytes(dropped.published));
  });

  it('closes a silent cycle', () =>
    assert.deepEqual(
      given(tradingStart)
        .when(cycleTo(1, null), [])
        .published.map(({ type }) => type),
      ['CycleClosed'],
    ));

  it('trades for each model separately, and for targets as for orders', () => {
    const target = specification(tradingReact({ ...config, signal_mode: 'target' }, 0));
    const result = target(tradingStart).when(cycleTo(2, null), [
      price(1, 100),
      orders(1, { a: { signal: 3 }, b: { signal: -2 } }),
      orders(2, { a: { signal: -1 }, b: { signal: -2 } }),
    ]);
    assert.deepEqual(
      result.data('PortfolioMarked').map(({ positions }) => positions.map(({ direction, size }) => [direction, size])),
      [[['short', 1]], [['short', 2]]],
    );
    assert.equal(result.data('OrdersFilled')[1]?.fills[1]?.outcome, 'ignored');
  });

  it('gives the same events from a saved state as from the beginning, and in whatever order everything arrived', () => {
    const history = fc.array(
      fc.record({
        btc: fc.integer({ min: 50, max: 150 }),
        eth: fc.integer({ min: 50, max: 150 }),
        a: fc.double({ min: -20, max: 20, noNaN: true }),
        b: fc.double({ min: -20, max: 20, noNaN: true }),
      }),
      { minLength: 2, maxLength: 12 },
    );
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (days, dice) => {
        let [plain, saved] = [tradingStart, tradingStart];
        for (const [i, { btc, eth, a, b }] of days.entries()) {
          const at = i + 1;
          const events = [price(at, btc), price(at, eth, 'ETH'), orders(at, { a, b }), orders(at, { b, a }, 'ETH')];
          const arrived = events
            .map((event) => [dice.next().value as number, event] as const)
            .sort(([x], [y]) => x - y)
            .map(([, event]) => event);
          const cycle = cycleTo(at, i === 0 ? null : i);
          const one = react(plain, cycle, events);
          const other = react(saved, cycle, arrived);
          assert.equal(bytes(other.events), bytes(one.events));
          for (const event of one.events) {
            if (event.type !== 'PortfolioMarked') continue;
            const { net_pnl, unrealized_pnl, realized_pnl, total_fees, total_carry_costs } = event.data;
            assert.equal(net_pnl, unrealized_pnl + realized_pnl - total_fees - total_carry_costs);
          }
          plain = one.state;
          saved = JSON.parse(JSON.stringify(other.state)) as TradingState;
        }
      }),
      { numRuns: 50 },
    );
  });
});
