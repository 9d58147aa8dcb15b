import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { FeedRecord } from '@crunch-node/domain';
import type { LiveProvider } from '../../provider.ts';
import { type FakeTrade, startFakeBinance } from '../../testing/fake-binance.ts';
import type { FakeBinance } from '../../testing/fake-binance-state.ts';
import { type Hearing, hearing, pastOf, until, whileListening } from '../../testing/hearing.ts';
import { marketRows, recordedMessages, skipWithoutData } from '../../testing/recorded.ts';
import { binanceProvider } from './index.ts';

type Row = Readonly<Record<string, unknown>>;
interface RestAnswer {
  readonly path: string;
  readonly query: string;
  readonly body: Row | readonly unknown[];
}
const rest = (file: string): RestAnswer[] => recordedMessages<RestAnswer[]>(`binance/${file}`);
const frames = (file: string): string[] => recordedMessages<{ raw: string }[]>(`binance/${file}`).map(({ raw }) => raw);
/** The messages of some kind in frames, as the test reads them. */
const received = (raws: readonly string[], kind: string): Row[] =>
  raws.map((raw) => (JSON.parse(raw) as { data?: Row }).data).filter((data): data is Row => data?.e === kind);

describe('recorded data of Binance', { skip: skipWithoutData }, () => {
  let fake: FakeBinance;
  let listener: Hearing;
  before(async () => {
    fake = await startFakeBinance();
  });
  after(() => fake.stop());
  beforeEach(() => {
    fake.clear();
    listener = hearing(Date.now());
  });

  function provider(kind: string, granularity = '1s', options: Record<string, string> = {}): LiveProvider {
    const urls = { rest_url: fake.restUrl, ws_url: fake.wsUrl, futures_url: fake.restUrl };
    const feed = { provider: 'binance', subjects: [], kind, granularity, window: 1, backfill_minutes: 1 };
    return binanceProvider({ ...feed, options: { ...urls, ...options } }, listener.reports, listener.clock);
  }
  const pageOf = async (one: LiveProvider, kind: string, granularity: string): Promise<readonly FeedRecord[]> => {
    const request = { subjects: ['BTCUSDT'], kind, granularity, startMs: 0, endMs: listener.nowMs, limit: 1_000 };
    const [page] = await one.fetch(request);
    assert.ok(page !== undefined);
    if ('error' in page) throw page.error;
    return page.records;
  };
  /** Sends frames to a listener of these subjects, and waits for as many records. */
  async function listenTo(
    one: LiveProvider,
    raws: readonly string[],
    subjects: string[],
    kind: string,
    records: number,
  ) {
    for (const subject of subjects) {
      if (!fake.klines.has(subject)) fake.klines.set(subject, []);
      if (!fake.trades.has(subject)) fake.trades.set(subject, []);
    }
    await whileListening(one, { subjects, kind, granularity: '1m' }, listener, async () => {
      const expectedPerMinute = kind === 'tick' ? 2 : 1;
      await until(() => fake.sockets.size === 1 && fake.requests.length === subjects.length * expectedPerMinute);
      for (const raw of raws) fake.send(raw);
      await until(() => listener.received.length >= records);
    });
  }

  for (const [file, options] of [
    ['rest-spot-klines.json', {}],
    ['rest-futures-klines.json', { market: 'usdm' }],
  ] as const) {
    it(`is read to the last candle of ${file}`, async () => {
      let candles = 0;
      for (const { query, body } of rest(file)) {
        const granularity = new URLSearchParams(query).get('interval') ?? '';
        const one = provider('candle', '1m', options);
        fake.answers.push({ status: 200, body });
        if (granularity === '1M') {
          await assert.rejects(pageOf(one, 'candle', granularity), { name: 'UnknownGranularity' });
          fake.answers.length = 0;
        } else if (!Array.isArray(body)) {
          await assert.rejects(pageOf(one, 'candle', granularity), /\(-4088\): Maximum time interval/);
        } else {
          assert.equal((await pageOf(one, 'candle', granularity)).length, body.length);
          candles += body.length;
        }
      }
      assert.deepEqual(listener.rejected, []);
      assert.ok(candles > 600);
    });
  }

  it('gives the candles of the recorded streams that closed, and nothing else', async () => {
    const raws = ['ws-spot-kline-aggtrade-20211012.json', 'ws-usdm-kline-1m-20210722.json'].flatMap(frames);
    const klines = received(raws, 'kline').map(({ k }) => k as { s: string; x: boolean; t: number });
    fake.nowMs = listener.nowMs = Math.min(...klines.map(({ t }) => t));
    const closed = klines.filter(({ x }) => x).map(({ s, t }) => `${s} ${t}`);
    await listenTo(provider('candle', '1m'), raws, [...new Set(klines.map(({ s }) => s))], 'candle', closed.length);
    assert.deepEqual(listener.received.map(({ subject, ts_event }) => `${subject} ${ts_event}`).sort(), closed.sort());
    assert.equal(closed.length, 5);
    assert.deepEqual(listener.rejected, []);
  });

  for (const [file, kind, count, options] of [
    ['ws-usdm-aggtrade-20210722.json', 'aggTrade', 91, { market: 'usdm' }],
    ['ws-spot-kline-aggtrade-20211012.json', 'aggTrade', 13, {}],
    ['ws-spot-trade-btc-eth-20240808.json', 'trade', 600, { tick_source: 'trades' }],
    ['ws-spot-trade-depth-bookticker-20240808.json', 'trade', 84, { tick_source: 'trades' }],
    ['ws-usdm-trade-depth-bookticker-20240808.json', 'trade', 39, { market: 'usdm', tick_source: 'trades' }],
  ] as const) {
    it(`gives every trade of ${file} once, and nothing else`, async () => {
      const raws = frames(file);
      const trades = received(raws, kind);
      assert.equal(trades.length, count);
      await listenTo(
        provider('tick', '1m', options),
        raws,
        [...new Set(trades.map(({ s }) => String(s)))],
        'tick',
        count,
      );
      assert.deepEqual(
        listener.received.map(({ subject, ordinal, ts_event, values }) => [subject, ordinal, ts_event, values]),
        trades.map(({ s, a, t, T, p, q }) => [s, String(a ?? t), T, { price: Number(p), quantity: Number(q) }]),
      );
      assert.deepEqual(listener.rejected, []);
    });
  }

  it('survives one message of every kind', async () => {
    const raws = frames('ws-single-messages-2021-2022.json');
    await listenTo(provider('tick'), [...raws, ...raws], ['BTCUSDT'], 'tick', 1);
    // The pair trades on two markets here; ids of the second are behind those of the first.
    assert.deepEqual(
      listener.received.map(({ subject, ordinal }) => [subject, ordinal]),
      [['BTCUSDT', '640283266']],
    );
    listener = hearing(Date.now());
    await whileListening(
      provider('candle', '1m'),
      { subjects: ['BTCUSDT'], kind: 'candle', granularity: '1m' },
      listener,
      async () => {
        await until(() => fake.sockets.size === 1);
        const before = fake.pongs;
        for (const raw of raws) fake.send(raw);
        for (const socket of fake.sockets) socket.ping();
        await until(() => fake.pongs > before);
      },
    );
    assert.deepEqual(listener.received, [], 'none of these candles is closed');
  });

  it('is read to the last trade of the recorded responses', async () => {
    let trades = 0;
    for (const { path, body } of rest('rest-spot-trades-aggtrades.json')) {
      const rows = body as readonly Row[];
      const one = provider('tick', '1s', path.endsWith('aggTrades') ? {} : { tick_source: 'trades' });
      if (!path.endsWith('aggTrades')) fake.answers.push({ status: 200, body: [{ f: rows[0]?.id }] });
      fake.answers.push({ status: 200, body: rows });
      const times = rows.map(({ T, time }) => Number(T ?? time));
      const request = {
        subjects: ['BTCUSDT'],
        kind: 'tick',
        granularity: '1s',
        startMs: Math.min(...times),
        limit: 1_000,
      };
      const [page] = await one.fetch({ ...request, endMs: Math.max(...times) });
      assert.ok(page !== undefined && 'records' in page);
      assert.deepEqual(
        page.records.map(({ ordinal, values }) => [ordinal, values.price]),
        rows.map(({ a, id, p, price }) => [String(a ?? id), Number(p ?? price)]),
      );
      trades += rows.length;
    }
    assert.ok(trades > 50);
    assert.deepEqual(listener.rejected, []);
  });

  it('gives the same trades live, garbled and cut off, as from the past', async () => {
    const market = marketRows('binance_spot_btcusdt_trades_20240808.csv.gz').map(
      ([time, , id, price, qty]): FakeTrade => ({ id: Number(id), price: price!, qty: qty!, time: Number(time) }),
    );
    const live = received(frames('ws-spot-trade-btc-eth-20240808.json'), 'trade').filter(({ s }) => s === 'BTCUSDT');
    const [firstMs, lastMs] = [Number(live[0]!.T), Number(live.at(-1)!.T)];
    const all = market.filter(({ time }) => time >= firstMs && time <= lastMs);
    const one = provider('tick', '1s', { tick_source: 'trades' });
    const raws = frames('ws-spot-trade-btc-eth-20240808.json');
    fake.trades.set('BTCUSDT', all.slice(0, 1));
    listener.nowMs = firstMs;
    await whileListening(one, { subjects: ['BTCUSDT'], kind: 'tick', granularity: '1s' }, listener, async () => {
      await until(() => fake.sockets.size === 1 && listener.received.length === 1);
      fake.trades.set('BTCUSDT', all);
      for (const [i, raw] of raws.entries()) {
        if (i % 5 === 0) continue; // lost
        if (i % 7 === 0 && i > 0) fake.send(raws[i - 1]!); // late, or twice
        fake.send(i % 11 === 0 ? raw.slice(0, 40) : raw);
        if (i === 300) {
          const before = fake.connections.length;
          fake.drop();
          await until(() => fake.connections.length > before);
        }
      }
      fake.send(raws.filter((raw) => raw.includes('btcusdt')).at(-1)!);
      await until(() => listener.received.length >= all.length);
    });
    const asked = { subject: 'BTCUSDT', kind: 'tick', granularity: '1s', startMs: firstMs, endMs: lastMs, limit: 100 };
    assert.deepEqual(listener.received, await pastOf(one, asked));
    assert.equal(listener.received.length, all.length);
    assert.ok(listener.rejected.every(({ reason }) => reason === 'unreadable'));
  });

  it('shows every recorded order book, and the last price', async () => {
    const snapshots = recordedMessages<{ message: Row }[]>('binance/rest-spot-depth-snapshot-20240808.json');
    const answers = rest('rest-spot-depth-ticker-avgprice.json');
    const singles = recordedMessages<{ kind: string; raw: string }[]>('binance/ws-single-messages-2021-2022.json')
      .filter(({ kind, raw }) => kind === 'rest' && raw.includes('"bids"') && !raw.includes('"stream"'))
      .map(({ raw }) => JSON.parse(raw) as Row);
    const books = [
      ...snapshots.map(({ message }) => message),
      ...answers.filter(({ path }) => path.endsWith('/depth')).map(({ body }) => body as Row),
      ...singles,
    ];
    assert.equal(books.length, 8);
    const request = { subjects: ['BTCUSDT'], kind: 'depth', granularity: '5s' };
    for (const book of books) {
      listener = hearing(Date.now());
      fake.books.set('BTCUSDT', book);
      await whileListening(provider('depth'), request, listener, () => until(() => listener.received.length > 0));
      const [bid] = (book.bids as [string, string][])[0]!;
      const [ask] = (book.asks as [string, string][])[0]!;
      const { best_bid, best_ask, spread, bids_top } = listener.received[0]!.values;
      assert.deepEqual([best_bid, best_ask, spread], [Number(bid), Number(ask), Number(ask) - Number(bid)]);
      assert.equal((bids_top as unknown[]).length, Math.min(10, (book.bids as unknown[]).length));
      assert.deepEqual(listener.rejected, []);
    }
    const ticker = answers.find(({ path }) => path.endsWith('/ticker/price'))?.body as { price: string };
    listener = hearing(Date.now());
    fake.prices.set('BTCUSDT', ticker.price);
    const one = provider('tick', '1s', { tick_source: 'ticker' });
    await whileListening(one, { ...request, kind: 'tick' }, listener, () => until(() => listener.received.length > 0));
    assert.deepEqual(listener.received[0]?.values, { price: 6622.57 });
  });

  it('takes no response to another request for an order book or a candle', async () => {
    const others = rest('rest-spot-depth-ticker-avgprice.json').filter(({ path }) => !path.endsWith('/depth'));
    const request = { subjects: ['BTCUSDT'], kind: 'depth', granularity: '5s' };
    fake.answers.push(...others.map(({ body }) => ({ status: 200, body })));
    await whileListening(provider('depth'), request, listener, () =>
      until(() => listener.notices.length >= others.length),
    );
    assert.deepEqual(listener.received, []);
    for (const { body } of others) {
      fake.answers.push({ status: 200, body });
      await pageOf(provider('candle', '1m'), 'candle', '1m').catch(() => undefined);
    }
    assert.deepEqual(listener.received, []);
  });

  it('names the error of a response, for the subject it is about', async () => {
    for (const { body } of rest('rest-errors.json')) {
      const { code, msg } = body as { code: number; msg: string };
      fake.answers.push({ status: 400, body }, { status: 200, body });
      for (let i = 0; i < 2; i++) {
        await assert.rejects(pageOf(provider('candle', '1m'), 'candle', '1m'), (error: Error) => {
          return error.name === 'BinanceRefused' && error.message.includes(`(${code}): ${msg}`);
        });
      }
    }
  });
});
