import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { FeedRecord, FeedSettings } from '@crunch-node/domain';
import { byAtAndKey } from '../../record.ts';
import { faultOf } from '../../validate-record.ts';
import { syntheticProvider } from './index.ts';
import { marketSteps } from './market.ts';

const settings = (options: Record<string, string> = {}, subjects = ['BTCUSDT', 'ETHUSDT']): FeedSettings => ({
  provider: 'synthetic',
  subjects,
  kind: 'candle',
  granularity: '1m',
  window: 120,
  backfill_minutes: 180,
  options,
});

const all = async (given: FeedSettings): Promise<FeedRecord[]> => {
  const records: FeedRecord[] = [];
  for await (const record of syntheticProvider(given).records()) records.push(record);
  return records;
};
const closes = (records: readonly FeedRecord[], subject: string): number[] =>
  records.filter((record) => record.subject === subject).map(({ values }) => values.close as number);
const returns = (prices: readonly number[]): number[] => prices.slice(1).map((price, i) => price / prices[i]! - 1);
const correlation = (a: readonly number[], b: readonly number[]): number => {
  const mean = (x: readonly number[]): number => x.reduce((sum, v) => sum + v, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  const covariance = mean(a.map((v, i) => (v - ma) * (b[i]! - mb)));
  return covariance / Math.sqrt(mean(a.map((v) => (v - ma) ** 2)) * mean(b.map((v) => (v - mb) ** 2)));
};

describe('the synthetic market', () => {
  it('is the same to the last digit, whenever and wherever it is made', async () => {
    const text = JSON.stringify(await all(settings({ seed: 'demo', count: '500' })));
    assert.equal(
      createHash('sha256').update(text).digest('hex'),
      'c70f78c2209c8dea9d648d87d712b9bb6ce004b09d0bb96f4279316a3c66fb8f',
    );
  });

  it('differs for another seed', async () =>
    assert.notDeepEqual(
      await all(settings({ seed: '1', count: '3' })),
      await all(settings({ seed: '2', count: '3' })),
    ));

  it('gives a subject the same candles whichever other subjects are requested', async () => {
    const together = await all(settings({ count: '50' }));
    assert.deepEqual(
      await all(settings({ count: '50' }, ['ETHUSDT'])),
      together.filter(({ subject }) => subject === 'ETHUSDT'),
    );
  });

  it('holds valid candles in order, two days of them by default', async () => {
    const records = await all(settings({}, ['ETHUSDT', 'BTCUSDT', 'OTHER']));
    assert.equal(records.length, 3 * 2_880);
    assert.deepEqual(
      records.map(faultOf).filter((fault) => fault !== null),
      [],
    );
    assert.deepEqual(records, [...records].sort(byAtAndKey));
    assert.equal(records[0]?.at, '2024-01-01T00:01:00.000000Z');
  });

  it('moves its subjects together, but not as one', async () => {
    const records = await all(settings({ days: '5' }));
    const rho = correlation(returns(closes(records, 'BTCUSDT')), returns(closes(records, 'ETHUSDT')));
    assert.ok(rho > 0.6 && rho < 0.99, `correlation ${rho}`);
  });

  it('lets trends persist and ranges revert', () => {
    const pairs = new Map<string, [number[], number[]]>();
    let before: { regime: string; change: number } | undefined;
    let count = 0;
    for (const step of marketSteps('1', 1)) {
      if (before?.regime === step.regime) {
        const [earlier, later] = pairs.get(step.regime) ?? [[], []];
        pairs.set(step.regime, [
          [...earlier.slice(-5_000), before.change],
          [...later.slice(-5_000), step.change],
        ]);
      }
      before = step;
      if (++count === 10_000) break;
    }
    const persistence = (regime: string): number => correlation(...pairs.get(regime)!);
    assert.equal(pairs.size, 5);
    assert.ok(persistence('trend_up') > 0.1 && persistence('trend_down') > 0.1);
    assert.ok(persistence('reverting') < -0.1);
  });

  it('refuses settings it cannot generate', () => {
    assert.throws(() => syntheticProvider({ ...settings(), kind: 'depth' }), { name: 'InvalidFeedOption' });
    assert.throws(() => syntheticProvider({ ...settings(), granularity: '7m' }), { name: 'UnknownGranularity' });
    assert.throws(
      () => syntheticProvider(settings({ days: 'two' })),
      /expected days to be a number of at least 0, received "two"/,
    );
    assert.throws(() => syntheticProvider(settings({ speed: '0' })), /max or a factor above 0/);
    assert.throws(() => syntheticProvider(settings({ start: '2024-01-01T00:00:30Z' })), /on the grid of 1m/);
  });
});
