import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Candle, ModelInput } from '../../model-base.ts';
import { Faulty, faultAt } from './faulty.ts';
import { exampleModels } from './index.ts';

const repository = fileURLToPath(new URL('../../../../../', import.meta.url));
const dataFolder = join(repository, process.env.CRUNCH_DATA_DIR ?? '../shared/data');
const btc = join(dataFolder, 'market/binance_spot_btcusdt_1m_202401.csv.gz');

const input = (candles: readonly Candle[]): ModelInput => ({
  symbol: 'BTCUSDT',
  asof_ts: candles.at(-1)?.ts ?? 0,
  candles_1m: candles,
});
const sound = exampleModels.filter(({ model_name }) => model_name !== 'faulty');

/** Reads columns by name; the first one is the open time. */
function realCandles(rows: number): Candle[] {
  const [header = '', ...lines] = gunzipSync(readFileSync(btc)).toString().split('\n');
  const names = header.split(',');
  return lines.slice(0, rows).map((line) => {
    const cells = line.split(',');
    const cell = (name: string): number => Number(cells[names.indexOf(name)]);
    return {
      ts: Math.floor(Number(cells[0]) / 1000),
      open: cell('open'),
      high: cell('high'),
      low: cell('low'),
      close: cell('close'),
      volume: cell('volume'),
    };
  });
}

const price = fc.double({ min: 0.0001, max: 1e6, noNaN: true });
const anyCandles = fc.array(
  fc
    .tuple(fc.tuple(price, price, price, price), fc.double({ min: 0, max: 1e9, noNaN: true }))
    .map(([[open, high, low, close], volume]) => ({ ts: 60, open, high, low, close, volume })),
  { maxLength: 120 },
);

describe('example models', () => {
  it('have fixed and different ids and names', () => {
    assert.deepEqual(
      exampleModels.map(({ model_id, cruncher_id }) => `${model_id} ${cruncher_id}`),
      Array.from({ length: 8 }, (_, index) => `${index + 1} local-000${index + 1}`),
    );
    assert.equal(new Set(exampleModels.map(({ model_name }) => model_name)).size, exampleModels.length);
  });

  for (const { model_name, create } of sound) {
    it(`${model_name} predicts a number between -1 and 1 for any input`, async () => {
      await fc.assert(
        fc.asyncProperty(anyCandles, fc.nat(86_400), async (candles, horizon) => {
          const model = create();
          model.feedUpdate(input(candles));
          const { value } = await model.predict('BTCUSDT', horizon, 15);
          assert.ok(Number.isFinite(value) && Math.abs(value) <= 1, String(value));
        }),
        { numRuns: 50 },
      );
    });

    it(`${model_name} predicts before it has received any input`, async () => {
      assert.equal((await create().predict('BTCUSDT', 60, 15)).value, 0);
    });
  }

  it('predict from the last input alone, and differ from each other on real candles', async (t) => {
    if (!existsSync(btc)) return t.skip(`SKIPPED: needs ${btc}, set CRUNCH_DATA_DIR to the folder with the data`);
    const candles = realCandles(400);
    const answers: number[][] = [];
    for (const { model_name, create } of sound) {
      const old = create();
      const values: number[] = [];
      for (let end = 120; end <= candles.length; end++) {
        const shown = input(candles.slice(end - 120, end));
        old.tick(shown);
        const fresh = create();
        fresh.feedUpdate(shown);
        const value = (await old.predict('BTCUSDT', 60, 15)).value;
        assert.equal((await fresh.predict('BTCUSDT', 60, 15)).value, value, model_name);
        values.push(value);
      }
      assert.ok(values.some((value) => value > 0) && values.some((value) => value < 0), model_name);
      answers.push(values);
    }
    for (const [index, one] of answers.entries()) {
      for (const other of answers.slice(index + 1)) assert.ok(correlation(one, other) < 0.98, sound[index]?.model_name);
    }
  });
});

describe('the faulty model', () => {
  it('is wrong in every way, by the time alone, and rarely late', () => {
    const start = 1_704_067_200;
    const faults = ['BTCUSDT', 'ETHUSDT'].flatMap((symbol) =>
      Array.from({ length: 2 * 1_440 }, (_, minute) => faultAt(symbol, start + 60 * minute)),
    );
    assert.equal(new Set(faults).size, 6);
    const late = faults.filter((fault) => fault === 'late').length;
    assert.ok(late >= 1 && late <= 10, String(late));
    assert.ok(faults.filter((fault) => fault === 'none').length > faults.length / 2);
  });

  it('ends a late call when its caller has stopped waiting', async () => {
    let asof_ts = 60;
    while (faultAt('BTCUSDT', asof_ts) !== 'late') asof_ts += 60;
    const model = new Faulty();
    const cancel = new AbortController();
    model.beginCall(cancel.signal);
    model.feedUpdate({ symbol: 'BTCUSDT', asof_ts });
    let ended = false;
    const answer = model.predict('BTCUSDT').finally(() => {
      ended = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(ended, false);
    cancel.abort();
    await answer;
  });
});

function correlation(a: readonly number[], b: readonly number[]): number {
  const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [average(a), average(b)];
  const product = average(a.map((value, index) => (value - meanA) * ((b[index] ?? 0) - meanB)));
  return (
    product /
    Math.sqrt(average(a.map((value) => (value - meanA) ** 2)) * average(b.map((value) => (value - meanB) ** 2)))
  );
}
