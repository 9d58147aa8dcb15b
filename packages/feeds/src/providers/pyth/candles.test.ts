import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { HistoryBar } from '../../testing/fake-hermes.ts';
import { pastOf, until, whileListening } from '../../testing/hearing.ts';
import { bar, minutes, NOON, NOON_SECONDS, pythScene } from '../../testing/pyth-scene.ts';
import { wellKnownFeeds } from './feed-ids.ts';

const BTC = wellKnownFeeds.BTC!.id;

const scene = await pythScene();
const { fake, provider, price, secondsReceived, asked } = scene;

describe('candles', () => {
  const stream = { transport: 'stream' };
  const publish = (second: number, cents: number): void => {
    price(BTC, second, cents);
    fake.publish(BTC);
  };

  it('are built from all prices of their minute and delivered when it is over', async () => {
    scene.listener.held = true;
    fake.history.set('Crypto.BTC/USD', [bar(-1, 99), bar(0, 100)]);
    fake.nowMs = NOON + 3_600_000;
    await whileListening(provider(stream, { ...minutes }), minutes, scene.listener, async () => {
      await until(() => fake.streams.size === 1);
      for (const [second, cents] of [
        [30, 10_000],
        [60, 10_100],
        [70, 10_500],
        [80, 9_900],
        [119, 10_200],
        [121, 10_300],
      ] as const)
        publish(second, cents);
      await until(() => scene.listener.received.length >= 3);
    });
    const [, first, second] = scene.listener.received;
    assert.deepEqual(secondsReceived(), [-60, 0, 60]);
    assert.equal(first?.values.open, 100, 'its beginning was not seen, so it is fetched');
    assert.deepEqual(second, {
      source: 'pyth',
      subject: 'BTC',
      kind: 'candle',
      granularity: '1m',
      at: '2024-01-01T12:02:00.000000Z',
      ts_event: NOON + 60_000,
      values: { open: 101, high: 105, low: 99, close: 102, volume: 0 },
    });
  });

  it('equal the history of the same time, also around an interruption', async () => {
    scene.listener.held = true;
    // Eleven minutes of prices, and what Benchmarks makes of them.
    const cents = (second: number): number => 10_000 + ((second * 7_919) % 613);
    fake.history.set(
      'Crypto.BTC/USD',
      Array.from({ length: 12 }, (_, i) => i - 1).map((minute): HistoryBar => {
        const prices = Array.from({ length: 12 }, (_, i) => cents(minute * 60 + i * 5) / 100);
        return [NOON_SECONDS + minute * 60, prices[0]!, Math.max(...prices), Math.min(...prices), prices[11]!];
      }),
    );
    await whileListening(provider(stream, { ...minutes }), minutes, scene.listener, async () => {
      await until(() => fake.streams.size === 1);
      for (let second = 20; second <= 660; second += 5) {
        if (second === 250) {
          const before = asked('/v2/updates/price/stream').length;
          fake.drop();
          await until(() => asked('/v2/updates/price/stream').length > before && fake.streams.size === 1);
        }
        if (second >= 250 && second < 400) continue;
        // The clock must not pass the received prices, or candles would end before their prices are in.
        if (second === 400) scene.listener.nowMs = NOON + 400_000;
        fake.nowMs = NOON + second * 1000;
        publish(second, cents(second));
        if (second % 60 !== 0) continue;
        await until(() => scene.listener.received.length >= second / 60 + 1);
        scene.listener.nowMs = NOON + second * 1000;
      }
      await until(() => scene.listener.received.at(-1)?.ts_event === NOON + 600_000);
    });
    const past = await pastOf(provider({}, minutes), {
      ...minutes,
      subject: 'BTC',
      startMs: NOON - 60_000,
      endMs: NOON + 600_000,
      limit: 1_000,
    });
    assert.deepEqual(scene.listener.received, past);
    assert.equal(past.length, 12);
    assert.deepEqual(
      scene.listener.notices.filter(({ text }) => text.startsWith('a gap')),
      [],
    );
  });

  it('that have no past are left out when their prices were not all seen', async () => {
    scene.listener.held = true;
    const request = { ...minutes, granularity: '1s' };
    await whileListening(provider(stream, request), request, scene.listener, async () => {
      await until(() => fake.streams.size === 1);
      for (const second of [1, 2, 3]) publish(second, 10_000);
      await until(() => scene.listener.received.length >= 2);
    });
    assert.deepEqual(secondsReceived(), [1, 2], 'the one at the edge of a second was seen whole');
    assert.equal(asked('/v1/').length, 0);
  });

  it('end by the clock when no price comes', async () => {
    fake.history.set('Crypto.BTC/USD', []);
    await whileListening(provider({ poll_seconds: '20' }, minutes), minutes, scene.listener, async () => {
      price(BTC, 0);
      await until(() => scene.listener.received.length >= 1);
    });
    assert.deepEqual(secondsReceived(), [0]);
  });
});

describe('the past', () => {
  const ask = { ...minutes, subject: 'BTC', startMs: NOON, endMs: NOON + 100 * 60_000, limit: 1_000 };
  beforeEach(() => {
    fake.history.set(
      'Crypto.BTC/USD',
      Array.from({ length: 101 }, (_, minute) => bar(minute)),
    );
    fake.nowMs = NOON + 99 * 60_000;
  });

  it('is closed candles only, in pages', async () => {
    const records = await pastOf(provider({}, minutes), { ...ask, limit: 10 });
    assert.deepEqual(
      records.map(({ ts_event }) => (ts_event - NOON) / 60_000),
      Array.from({ length: 99 }, (_, i) => i),
    );
  });

  it('is requested in smaller pieces when it is too much', async () => {
    fake.maxBars = 7;
    assert.equal((await pastOf(provider({}, minutes), ask)).length, 99);
  });

  it('fails in the words of the service', async () => {
    fake.answers.push({ status: 200, body: { s: 'error', errmsg: 'Symbol is not for you' } });
    await assert.rejects(pastOf(provider({}, minutes), ask), {
      name: 'HistoryRefused',
      message: /Symbol is not for you/,
    });
    fake.answers.push({ status: 502 });
    await assert.rejects(pastOf(provider({}, minutes), ask), { name: 'PythRefused', message: /with 502/ });
    await assert.rejects(pastOf(provider({}, minutes), { ...ask, subject: 'NOSUCH' }), /expected Pyth to list/);
  });

  it('is empty where there is no data', async () => {
    fake.answers.push({ status: 200, body: { s: 'no_data', t: [] } });
    assert.deepEqual(await pastOf(provider({}, minutes), { ...ask, endMs: NOON }), []);
    assert.equal(provider().history?.('candle', '1m'), null);
    assert.match(provider().history?.('tick', '1s') ?? '', /no past/);
    assert.match(provider().history?.('candle', '1s') ?? '', /keeps candles of 1m/);
  });

  it('rejects rows that are no candles', async () => {
    const body = {
      s: 'ok',
      t: [NOON_SECONDS, 'x', NOON_SECONDS + 60, NOON_SECONDS + 60, NOON_SECONDS + 120],
      o: [1, 1, 1, 1],
      h: [1, 1, 0.5, 1],
      l: [1, 1, 1, 1],
      c: [1, 1, 1, 1],
    };
    fake.answers.push({ status: 200, body });
    const records = await pastOf(provider({}, minutes), { ...ask, endMs: NOON + 180_000 });
    assert.deepEqual(
      records.map(({ ts_event }) => ts_event),
      [NOON, NOON + 60_000],
    );
    assert.deepEqual(
      scene.listener.rejected.map(({ reason }) => reason),
      ['bad_time', 'high_below_low', 'missing_field'],
    );
  });
});
