import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { FeedRecord } from '@crunch-node/domain';
import { FeedRecorded } from '@crunch-node/streams';
import { aggTradeFrame, type FakeTrade, startFakeBinance } from '../../testing/fake-binance.ts';
import type { FakeBinance } from '../../testing/fake-binance-state.ts';
import { type Hearing, hearing, pastOf, until, whileListening } from '../../testing/hearing.ts';
import { binanceProvider } from './index.ts';

const NOON = Date.UTC(2024, 0, 1, 12);
const request = { subjects: ['BTCUSDT'], kind: 'tick', granularity: '1s' };
/** Trades 100 ms apart, unless a test wants otherwise. */
const trade = (id: number, time = NOON + id * 100): FakeTrade => ({ id, price: String(100 + id), qty: '0.5', time });
const ids = (records: readonly FeedRecord[]): number[] => records.map(({ ordinal }) => Number(ordinal));
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

let fake: FakeBinance;
let listener: Hearing;
const provider = (options: Record<string, string> = {}) =>
  binanceProvider(
    {
      provider: 'binance',
      ...request,
      window: 1,
      backfill_minutes: 1,
      options: { rest_url: fake.restUrl, ws_url: fake.wsUrl, ...options },
    },
    listener.reports,
    listener.clock,
  );
const known = (...trades: FakeTrade[]): void => {
  fake.trades.set('BTCUSDT', trades);
};
const past = (startMs: number, endMs: number, limit = 1_000): Promise<FeedRecord[]> =>
  pastOf(provider(), { subject: 'BTCUSDT', kind: 'tick', granularity: '1s', startMs, endMs, limit });

before(async () => {
  fake = await startFakeBinance();
});
after(() => fake.stop());
beforeEach(() => {
  fake.clear();
  listener = hearing(NOON);
});

describe('trades with ids beyond 2^53', () => {
  const id = (n: number): string => String(2n ** 60n + BigInt(n));
  const raw = (n: number): string => `{"a":${id(n)},"p":"1${n}","q":"1","f":${id(n)},"T":${NOON + n}}`;
  const rows = (...some: number[]): { text: string } => ({ text: `[${some.map(raw).join(',')}]` });

  it('are read and followed by their digits', async () => {
    fake.answers.push(rows(1, 2, 3, 4, 5));
    assert.deepEqual(
      (await past(NOON, NOON + 1_000)).map(({ ordinal }) => ordinal),
      [1, 2, 3, 4, 5].map(id),
    );
    known();
    fake.answers.push(rows(1, 2), rows(3));
    await whileListening(provider(), request, listener, async () => {
      await until(() => fake.sockets.size === 1 && listener.received.length >= 2);
      for (const n of [3, 5, 4]) fake.send(raw(n).replace('{', '{"e":"aggTrade","s":"BTCUSDT",'));
      await until(() => listener.received.length >= 5);
    });
    assert.deepEqual(
      listener.received.map(({ ordinal }) => ordinal),
      [1, 2, 3, 4, 5].map(id),
    );
  });

  it('are rejected one by one when a part of them is no JSON', async () => {
    fake.answers.push({ text: `[${raw(1)},${raw(2).replace('"12"', 'NaN')},{"a" 3},${raw(4)}]` });
    assert.deepEqual(
      (await past(NOON, NOON + 1_000)).map(({ ordinal }) => ordinal),
      [1, 4].map(id),
    );
    assert.deepEqual(
      listener.rejected.map(({ reason }) => reason),
      ['not_a_number', 'bad_time'],
    );
  });
});

describe('trades of the past', () => {
  it('are ticks with their ids, at the time of trade', async () => {
    known(trade(1));
    const [record] = await past(NOON, NOON + 1_000);
    assert.deepEqual(record, {
      source: 'binance',
      subject: 'BTCUSDT',
      kind: 'tick',
      granularity: '1s',
      at: '2024-01-01T12:00:00.100000Z',
      ts_event: NOON + 100,
      ordinal: '1',
      values: { price: 101, quantity: 0.5 },
    });
    const { at, ...data } = record;
    assert.equal(FeedRecorded.at(at, data).id, `feed:binance:BTCUSDT:tick:1s:${NOON + 100}:1`);
  });

  it('come in pages that never end inside a millisecond', async () => {
    known(...range(1, 20).map((id) => trade(id, NOON + Math.floor(id / 6))));
    for (const limit of [1, 2, 5, 7, 1_000]) assert.deepEqual(ids(await past(NOON, NOON + 9, limit)), range(1, 20));
  });

  it('are all there when a millisecond holds more than a page', async () => {
    known(...range(1, 2_500).map((id) => trade(id, NOON)), trade(2_501, NOON + 1));
    assert.deepEqual(ids(await past(NOON, NOON + 5)), range(1, 2_501));
  });

  it('are looked for hour by hour, since the exchange covers no more in a response', async () => {
    known(trade(1, NOON), trade(2, NOON + 5 * 3_600_000));
    assert.deepEqual(ids(await past(NOON, NOON + 6 * 3_600_000)), [1, 2]);
    assert.equal(fake.requests.length, 7);
  });

  it('have a past only for kinds and settings that provide one', () => {
    assert.equal(provider().history?.('tick', '1s'), null);
    assert.equal(provider({ tick_source: 'trades' }).history?.('tick', '1s'), null);
    assert.match(provider({ tick_source: 'ticker' }).history?.('tick', '1s') ?? '', /no past/);
    assert.match(provider().history?.('depth', '1s') ?? '', /no past/);
    assert.equal(provider().history?.('funding', '8h'), null);
    assert.equal(provider().history?.('candle', '1s'), null);
    assert.match(provider({ market: 'usdm' }).history?.('candle', '1s') ?? '', /1m, 3m/);
    assert.match(provider().history?.('news', '1s') ?? '', /no feeds of kind news/);
  });
});

describe('live trades', () => {
  const ready = (): Promise<void> => until(() => fake.sockets.size === 1 && fake.requests.length > 0);
  const happen = (...trades: FakeTrade[]): void => {
    fake.trades.get('BTCUSDT')?.push(...trades);
  };
  const publish = (...received: number[]): void => {
    for (const id of received) fake.send(aggTradeFrame('BTCUSDT', trade(id)));
  };

  it('come once each and in order, whatever the stream does', async () => {
    known(trade(-1));
    await whileListening(provider(), request, listener, async () => {
      await ready();
      happen(...range(1, 12).map((id) => trade(id)));
      publish(1, 2, 2, 4, 3, 7, 5, 6, 6, 1, 12, 11, 10);
      await until(() => listener.received.at(-1)?.ordinal === '12');
    });
    assert.deepEqual(ids(listener.received), [-1, ...range(1, 12)]);
    assert.deepEqual(listener.rejected, []);
  });

  it('equal the past of the same time, after lost connections too', async () => {
    known(trade(0));
    await whileListening(provider(), request, listener, async () => {
      await ready();
      happen(...range(1, 30).map((id) => trade(id)));
      publish(...range(1, 10));
      await until(() => listener.received.length >= 11);
      const before = fake.connections.length;
      happen(...range(31, 1_500).map((id) => trade(id)));
      fake.drop();
      await until(() => fake.connections.length > before);
      publish(1_499, 1_500);
      await until(() => listener.received.length >= 1_501);
    });
    assert.deepEqual(listener.received, await past(NOON, NOON + 1_500 * 100));
    assert.deepEqual(
      listener.notices.map(({ text }) => text),
      ['lost the connection to Binance, connecting again'],
    );
  });

  it('confirm the time before a trade, since its millisecond may hold more', async () => {
    known(trade(0));
    await whileListening(provider(), request, listener, async () => {
      await ready();
      happen(trade(1));
      publish(1);
      await until(() => listener.received.length >= 2);
    });
    assert.deepEqual(listener.confirmed.at(-1), { subject: 'BTCUSDT', upTo: '2024-01-01T12:00:00.099000Z' });
  });

  it('report a gap that cannot be filled: which feed, from when, to when', async () => {
    known(trade(1));
    await whileListening(provider(), request, listener, async () => {
      await ready();
      publish(5);
      await until(() => listener.received.length >= 2);
    });
    const gaps = listener.notices.filter(({ text }) => text === 'a gap in the feed cannot be filled');
    assert.deepEqual(gaps, [
      {
        text: 'a gap in the feed cannot be filled',
        facts: {
          feed: 'binance:BTCUSDT:tick:1s',
          from: '2024-01-01T12:00:00.100000Z',
          to: '2024-01-01T12:00:00.500000Z',
          reason: '3 missing',
        },
      },
    ]);
  });

  it('continue by REST while no connection can be had', async () => {
    known(trade(1));
    fake.refuseSockets = 503;
    await whileListening(provider(), request, listener, async () => {
      await until(() => listener.received.length >= 1);
      happen(trade(2));
      await until(() => listener.received.length >= 2);
    });
    assert.deepEqual(ids(listener.received), [1, 2]);
  });

  it('begin at the newest when there were none lately', async () => {
    known(trade(1, NOON - 3_600_000));
    await whileListening(provider(), request, listener, async () => {
      await ready();
      await until(() => fake.requests.some((path) => path.endsWith('?symbol=BTCUSDT&limit=1')));
      happen(trade(2), trade(3));
      publish(3);
      await until(() => listener.received.length >= 2);
    });
    assert.deepEqual(ids(listener.received), [2, 3]);
  });

  it('are found by single trades as well as aggregated ones', async () => {
    const single = provider({ tick_source: 'trades' });
    known(...range(1, 40).map((id) => trade(id, NOON + Math.floor(id / 3))));
    const asked = { subject: 'BTCUSDT', kind: 'tick', granularity: '1s', startMs: NOON + 3, endMs: NOON + 9, limit: 4 };
    assert.deepEqual(ids(await pastOf(single, asked)), range(9, 29));
    assert.ok(fake.requests.some((path) => path.startsWith('/api/v3/historicalTrades?')));
  });
});
