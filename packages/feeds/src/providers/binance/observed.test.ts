import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { FeedSettings } from '@crunch-node/domain';
import type { LiveProvider } from '../../provider.ts';
import { startFakeBinance } from '../../testing/fake-binance.ts';
import type { FakeBinance } from '../../testing/fake-binance-state.ts';
import { type Hearing, hearing, pastOf, until, whileListening } from '../../testing/hearing.ts';
import { binanceProvider } from './index.ts';

const NOON = Date.UTC(2024, 0, 1, 12);
const HOUR = 3_600_000;

let fake: FakeBinance;
let listener: Hearing;
const settings = (kind: string, options: Record<string, string> = {}): FeedSettings => ({
  provider: 'binance',
  subjects: ['BTCUSDT'],
  kind,
  granularity: '5s',
  window: 1,
  backfill_minutes: 1,
  options: { rest_url: fake.restUrl, ws_url: fake.wsUrl, futures_url: fake.restUrl, ...options },
});
const provider = (kind: string, options: Record<string, string> = {}): LiveProvider =>
  binanceProvider(settings(kind, options), listener.reports, listener.clock);
const of = (kind: string, ...subjects: string[]) => ({ subjects, kind, granularity: '5s' });
const reason = (text: string): RegExp => new RegExp(text);

before(async () => {
  fake = await startFakeBinance();
});
after(() => fake.stop());
beforeEach(() => {
  fake.clear();
  listener = hearing(NOON);
});

describe('order books', () => {
  const book = (bids: [string, string][], asks: [string, string][]) => ({ lastUpdateId: 7, bids, asks });

  it('are summed up over their best levels', async () => {
    fake.books.set(
      'BTCUSDT',
      book(
        [
          ['100', '2'],
          ['99', '1'],
          ['98', '9'],
        ],
        [
          ['101', '1'],
          ['102', '0'],
          ['103', '9'],
        ],
      ),
    );
    const asked = provider('depth', { depth_limit: '2' });
    await whileListening(asked, of('depth', 'BTCUSDT'), listener, () => until(() => listener.received.length >= 2));
    const [first, second] = listener.received;
    assert.deepEqual(first, {
      source: 'binance',
      subject: 'BTCUSDT',
      kind: 'depth',
      granularity: '5s',
      at: '2024-01-01T12:00:00.000000Z',
      ts_event: NOON,
      values: {
        best_bid: 100,
        best_ask: 101,
        spread: 1,
        mid_price: 100.5,
        bid_depth: 3,
        ask_depth: 1,
        imbalance: 0.5,
        bids_top: [
          [100, 2],
          [99, 1],
        ],
        asks_top: [
          [101, 1],
          [102, 0],
        ],
      },
      metadata: { last_update_id: 7 },
    });
    assert.equal(second?.ts_event, NOON + 5_000);
    assert.equal(fake.requests[0], '/api/v3/depth?symbol=BTCUSDT&limit=2');
  });

  it('are skipped with an empty side or without numbers', async () => {
    fake.books.set('BTCUSDT', book([], [['101', '1']]));
    fake.books.set('ETHUSDT', book([['x', '1']], [['101', '1']]));
    await whileListening(provider('depth'), of('depth', 'BTCUSDT', 'ETHUSDT'), listener, () =>
      until(() => new Set(listener.rejected.map(({ reason: why }) => why)).size === 2),
    );
    assert.deepEqual(listener.received, []);
    assert.deepEqual([...new Set(listener.rejected.map(({ reason: why }) => why))].sort(), [
      'missing_field',
      'not_a_number',
    ]);
  });

  it('hold up no other subject when one fails, and what was missed is reported', async () => {
    fake.books.set('BTCUSDT', book([['100', '2']], [['101', '1']]));
    await whileListening(provider('depth'), of('depth', 'BTCUSDT', 'NOSUCH'), listener, async () => {
      await until(() => listener.received.length >= 5 && listener.notices.length >= 3);
      assert.ok(listener.notices.every(({ facts }) => facts.feed === 'binance:NOSUCH:depth:5s'));
      assert.match(String(listener.notices[0]?.facts.reason), reason('-1121'));
      fake.answers.push({ dropped: true }, { dropped: true }, { half: '{"bids":' });
      await until(() => listener.notices.some(({ text }) => text.startsWith('a gap')));
    });
    const gap = listener.notices.find(({ text }) => text.startsWith('a gap'));
    assert.equal(gap?.facts.feed, 'binance:BTCUSDT:depth:5s');
    assert.ok(String(gap?.facts.from) < String(gap?.facts.to));
  });

  it('have no past', async () => {
    const asked = { subject: 'BTCUSDT', kind: 'depth', granularity: '5s', startMs: 0, endMs: NOON, limit: 10 };
    assert.deepEqual(await pastOf(provider('depth'), asked), []);
  });
});

describe('funding', () => {
  const standing = (minute: number, nextHour: number, more: object = {}) => ({
    symbol: 'BTCUSDT',
    markPrice: '101.00',
    indexPrice: '100.00',
    lastFundingRate: '0.0001',
    nextFundingTime: NOON + nextHour * HOUR,
    time: NOON + minute * 60_000,
    ...more,
  });

  it('is the current rate, and each rate once it is settled, as the past has it', async () => {
    fake.funding.set('BTCUSDT', { standing: standing(0, 4), settled: [] });
    await whileListening(provider('funding'), of('funding', 'BTCUSDT'), listener, async () => {
      await until(() => listener.received.length >= 1);
      const { requests } = fake;
      fake.funding.get('BTCUSDT')!.standing = standing(241, 12);
      listener.nowMs = NOON + 4 * HOUR;
      const before = requests.length;
      await until(() => requests.length > before + 2);
      assert.equal(listener.received.length, 1, 'what comes after the settlement waits for it');
      fake.funding
        .get('BTCUSDT')!
        .settled.push({ fundingTime: NOON + 4 * HOUR + 3, fundingRate: '0.0002', markPrice: '' });
      await until(() => listener.received.length >= 3);
    });
    const [observed, settled, after] = listener.received;
    assert.deepEqual(observed?.values, {
      funding_rate: 0.0001,
      mark_price: 101,
      index_price: 100,
      basis: 0.01,
      next_funding_ts: (NOON + 4 * HOUR) / 1000,
    });
    assert.equal(observed?.ts_event, NOON);
    assert.deepEqual(settled?.metadata, { settled: true });
    assert.equal(after?.ts_event, NOON + 241 * 60_000);
    const asked = { subject: 'BTCUSDT', kind: 'funding', granularity: '5s', startMs: NOON, endMs: NOON + 5 * HOUR };
    assert.deepEqual(await pastOf(provider('funding'), { ...asked, limit: 1 }), [settled]);
  });

  it('continues when a settlement never comes, and past garbage', async () => {
    fake.funding.set('BTCUSDT', { standing: standing(0, 4), settled: [] });
    await whileListening(provider('funding'), of('funding', 'BTCUSDT'), listener, async () => {
      await until(() => listener.received.length >= 1);
      fake.answers.push({ text: 'nonsense' }, { status: 200, body: { markPrice: 'x' } }, { status: 200, body: [] });
      await until(() => fake.answers.length === 0);
      fake.funding.get('BTCUSDT')!.standing = standing(241, 12);
      listener.nowMs = NOON + 4 * HOUR;
      await until(() => listener.received.length >= 2);
    });
    assert.deepEqual(
      listener.received.map(({ ts_event }) => (ts_event - NOON) / 60_000),
      [0, 241],
    );
  });
});

describe('subjects', () => {
  it('are all listed, with their kinds', async () => {
    const names = Array.from({ length: 600 }, (_, i) => `C${i}USDT`);
    for (const name of names) fake.klines.set(name, []);
    fake.funding.set('C5USDT', { standing: {}, settled: [] });
    fake.funding.set('XYZUSDT', { standing: {}, settled: [] });
    const listed = await provider('tick').list();
    assert.equal(listed.length, 601);
    const kindsOf = (name: string) => listed.find(({ symbol }) => symbol === name)?.kinds;
    assert.deepEqual(kindsOf('C1USDT'), ['candle', 'tick', 'depth']);
    assert.deepEqual(kindsOf('C5USDT'), ['candle', 'tick', 'depth', 'funding']);
    assert.deepEqual(kindsOf('XYZUSDT'), ['funding']);
    assert.ok(listed[0]?.granularities.includes('1s'));
  });

  it('are listed when the futures API cannot be reached', async () => {
    fake.klines.set('BTCUSDT', []);
    fake.answers.push(
      { status: 200, body: { symbols: [{ symbol: 'BTCUSDT', baseAsset: 'BTC', quoteAsset: 'USDT' }] } },
      { dropped: true },
    );
    assert.equal((await provider('tick').list()).length, 1);
    assert.match(listener.notices[0]?.text ?? '', /have funding/);
  });
});

it('keeps to the weight limit by its own count too', async () => {
  fake.weight = 0;
  fake.books.set('BTCUSDT', { bids: [['1', '1']], asks: [['2', '1']] });
  const asked = provider('depth', { weight_limit: '20', poll_seconds: '0.5' });
  await whileListening(asked, of('depth', 'BTCUSDT'), listener, () => until(() => listener.received.length >= 7));
  // Four fifths of 20 is three books of weight 5 a minute.
  const minutes = listener.received.slice(0, 7).map(({ ts_event }) => Math.floor((ts_event - NOON) / 60_000));
  assert.deepEqual(minutes, [0, 0, 0, 1, 1, 1, 2]);
});

it('refuses options it cannot work with, by name', () => {
  const refused = (options: Record<string, string>) => () => binanceProvider(settings('depth', options));
  assert.throws(refused({ depth_limit: '0' }), /depth_limit to be an integer from 1 to 5000, received "0"/);
  assert.throws(refused({ depth_limit: '2.5' }), /depth_limit to be an integer/);
  assert.throws(refused({ market: 'moon' }), /market to be spot or usdm, received "moon"/);
  assert.throws(refused({ tick_source: 'x' }), /tick_source to be aggregated or trades or ticker/);
  assert.throws(refused({ poll_seconds: '0' }), /poll_seconds to be a number of at least 0.5/);
  assert.throws(refused({ timeout_seconds: 'soon' }), /timeout_seconds to be a number/);
});
