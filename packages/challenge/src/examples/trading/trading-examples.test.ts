import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Candle, ModelInput } from '../../model-base.ts';
import { tradingExampleModels } from './index.ts';
import { LOT } from './orders.ts';

const sound = tradingExampleModels.filter(({ model_name }) => model_name !== 'faulty-trader');
const input = (candles: readonly Candle[]): ModelInput => ({
  symbol: 'BTC',
  asof_ts: candles.at(-1)?.ts ?? 0,
  candles_1m: candles,
});
/** A market that swings over hours and jumps now and then. */
const market: readonly Candle[] = Array.from({ length: 1_500 }, (_, i) => {
  const close = 100 + 5 * Math.sin(i / 90) + Math.sin(i * 1.7) + (i % 211 === 0 ? 6 : 0);
  return { ts: 60 * i, open: close, high: close, low: close, close, volume: 1 };
});
const anyCandles = fc.array(
  fc
    .double({ min: 1e-4, max: 1e6, noNaN: true })
    .map((close) => ({ ts: 3_600, open: close, high: close, low: close, close, volume: 1 })),
  { maxLength: 120 },
);

describe('trading example models', () => {
  it('have fixed and different ids and names', () => {
    assert.deepEqual(
      tradingExampleModels.map(({ model_id }) => model_id),
      ['1', '2', '3', '4', '5', '6', '7'],
    );
    assert.equal(new Set(tradingExampleModels.map(({ model_name }) => model_name)).size, 7);
  });

  for (const { model_name, create } of sound) {
    it(`${model_name} orders at most one lot for any input, also for none`, async () => {
      assert.equal((await create().predict('BTC', 60, 15)).amount, 0);
      await fc.assert(
        fc.asyncProperty(anyCandles, async (candles) => {
          const model = create();
          model.feedUpdate(input(candles));
          const { action, amount } = await model.predict('BTC', 60, 15);
          assert.ok(action === 'buy' || action === 'sell', action);
          assert.ok(Number.isInteger(amount) && amount >= 0 && amount <= LOT, String(amount));
        }),
        { numRuns: 50 },
      );
    });
  }

  it('predict from the last input alone, and each in its own way', async () => {
    const ways = new Set<string>();
    for (const { model_name, create } of sound) {
      const old = create();
      const output: string[] = [];
      for (let end = 120; end <= market.length; end++) {
        const shown = input(market.slice(end - 120, end));
        old.feedUpdate(shown);
        const fresh = create();
        fresh.feedUpdate(shown);
        const order = await old.predict('BTC', 60, 15);
        assert.deepEqual(await fresh.predict('BTC', 60, 15), order, model_name);
        output.push(order.amount === 0 ? '' : `${order.action} ${order.amount}`);
      }
      if (model_name !== 'idle')
        assert.ok(
          output.some((one) => one !== ''),
          model_name,
        );
      ways.add(output.join());
    }
    assert.equal(ways.size, sound.length);
  });
});
