import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { FeedSettings } from '@crunch-node/domain';
import { until, whileListening } from '../../testing/hearing.ts';
import { bar, minutes, NOON, NOON_SECONDS, pythScene, ticks } from '../../testing/pyth-scene.ts';
import { wellKnownFeeds } from './feed-ids.ts';
import { pythProvider } from './index.ts';

const BTC = wellKnownFeeds.BTC!.id;
const ETH = wellKnownFeeds.ETH!.id;
const DOGE = 'dcef50dd0a4cd2dcc17e45df1676dcb336a11a61c69df7a0299b0150c672d25c';

const scene = await pythScene();
const { fake, settings, provider, price, secondsReceived, asked } = scene;

describe('prices that are polled', () => {
  it('are ticks, once each', async () => {
    price(BTC, 1);
    await whileListening(provider(), ticks, scene.listener, async () => {
      await until(() => fake.requests.length >= 3);
      price(BTC, 2);
      await until(() => scene.listener.received.length >= 2);
      price(BTC, 1);
      const before = fake.requests.length;
      await until(() => fake.requests.length >= before + 2);
      price(BTC, 3);
      await until(() => scene.listener.received.length >= 3);
    });
    assert.deepEqual(scene.listener.received[0], {
      source: 'pyth',
      subject: 'BTC',
      kind: 'tick',
      granularity: '1s',
      at: '2024-01-01T12:00:01.000000Z',
      ts_event: NOON + 1_000,
      values: { price: 100.01 },
    });
    assert.deepEqual(secondsReceived(), [1, 2, 3]);
    assert.deepEqual(scene.listener.confirmed.at(-1), { subject: 'BTC', upTo: '2024-01-01T12:00:03.000000Z' });
    assert.match(fake.requests[0] ?? '', new RegExp(`^/v2/updates/price/latest\\?ids\\[\\]=${BTC}&parsed=true`));
  });

  it('are requested with the key, which appears in no report', async () => {
    fake.wantKey = 'sesame';
    price(BTC, 1);
    await whileListening(provider({ api_key: 'sesame' }), ticks, scene.listener, () =>
      until(() => scene.listener.received.length >= 1),
    );
    await whileListening(provider({ api_key: 'wrong-key' }), ticks, scene.listener, () =>
      until(() => scene.listener.notices.length > 0),
    );
    await whileListening(provider(), ticks, scene.listener, () =>
      until(() => scene.listener.notices.some(({ facts }) => /give it as api_key/.test(String(facts.reason)))),
    );
    assert.doesNotMatch(JSON.stringify(scene.listener.notices), /sesame|wrong-key/);
    assert.throws(
      () => provider({ api_key: 'se\nsame' }),
      ({ message }: Error) => /api_key/.test(message) && !/same/.test(message),
    );
  });

  it('wait as long as the service demands', async () => {
    price(BTC, 1);
    fake.answers.push({ status: 429, headers: { 'retry-after': '7' } }, { status: 429 });
    await whileListening(provider(), ticks, scene.listener, () => until(() => scene.listener.received.length >= 1));
    const pauses = scene.listener.notices.flatMap(({ facts }) => facts.pause_seconds ?? []);
    assert.deepEqual(pauses, [7, 60]);
  });

  it('are never requested more often than the service allows', async () => {
    const times: number[] = [];
    const asking = provider();
    fake.history.set('Crypto.BTC/USD', [bar(0)]);
    for (let i = 0; i < 70; i++) {
      await asking.fetch({ ...minutes, startMs: NOON, endMs: NOON, limit: 1 });
      times.push(scene.listener.nowMs);
    }
    for (let i = 30; i < times.length; i++) assert.ok(times[i]! - times[i - 30]! >= 10_000);
  });

  it('report what was missed while they could not be requested', async () => {
    price(BTC, 1);
    await whileListening(provider(), ticks, scene.listener, async () => {
      await until(() => scene.listener.received.length >= 1);
      for (let i = 0; i < 3; i++) fake.answers.push({ dropped: true });
      price(BTC, 60);
      await until(() => scene.listener.received.length >= 2);
    });
    const [gap] = scene.listener.notices.filter(({ text }) => text.startsWith('a gap'));
    assert.equal(gap?.facts.feed, 'pyth:BTC:tick:1s');
    assert.deepEqual([gap?.facts.from, gap?.facts.to], ['2024-01-01T12:00:01.000000Z', '2024-01-01T12:01:00.000000Z']);
  });

  it('survive garbage', async () => {
    const request = { ...ticks, subjects: ['BTC', 'ETH'] };
    price(ETH, 5);
    fake.answers.push(
      { text: '<html>' },
      { text: 'null' },
      { half: '{"parsed":[{' },
      { status: 500 },
      { status: 200, body: { parsed: {} } },
      {
        status: 200,
        body: { parsed: [null, 7, { id: BTC, price: null }, { id: BTC, price: { price: '1', expo: 'x' } }] },
      },
      { status: 200, body: { parsed: [{ id: BTC, price: { price: '-5', expo: 0, publish_time: NOON_SECONDS } }] } },
      { status: 200, body: { parsed: [{ id: BTC, price: { price: 'NaN', expo: 0, publish_time: NOON_SECONDS } }] } },
      {
        status: 200,
        body: { parsed: [{ id: 'ab'.repeat(32), price: { price: '5', expo: 0, publish_time: NOON_SECONDS } }] },
      },
    );
    await whileListening(provider(), request, scene.listener, () => until(() => scene.listener.received.length >= 1));
    assert.deepEqual(
      scene.listener.received.map(({ subject }) => subject),
      ['ETH'],
    );
    assert.ok(scene.listener.rejected.some(({ reason }) => reason === 'not_positive'));
    assert.ok(scene.listener.rejected.filter(({ reason }) => reason === 'unreadable').length >= 4);
    assert.ok(scene.listener.notices.some(({ text }) => text === 'Pyth has no price of a feed'));
  });

  it('end at once when they are no longer wanted, even while the service sends nothing', async () => {
    fake.answers.push({ silent: true });
    await whileListening(provider(), ticks, scene.listener, () => until(() => fake.requests.length > 0));
    assert.deepEqual(scene.listener.received, []);
  });
});

describe('prices of the stream', () => {
  const stream = { transport: 'stream' };
  const open = (): Promise<void> => until(() => fake.streams.size === 1);

  it('are ticks, however the stream is cut into pieces', async () => {
    await whileListening(provider(stream), ticks, scene.listener, async () => {
      await open();
      price(BTC, 1);
      fake.publish(BTC);
      await until(() => scene.listener.received.length >= 1);
      const event = `data:${JSON.stringify({ parsed: [{ id: `0x${BTC.toUpperCase()}`, price: { price: '5', expo: 1, publish_time: NOON_SECONDS + 2 } }] })}\n\n`;
      for (const piece of [event.slice(0, 20), event.slice(20, 90), event.slice(90)]) fake.send(piece);
      await until(() => scene.listener.received.length >= 2);
      fake.send(': a comment\n\ndata:{"half\n\ndata:[1]\n\nevent: other\ndata:{}\n\n');
      price(BTC, 3);
      fake.publish(BTC);
      fake.publish(BTC);
      await until(() => scene.listener.received.length >= 3);
    });
    assert.deepEqual(
      scene.listener.received.map(({ values }) => values.price),
      [100.01, 50, 100.03],
    );
    assert.equal(scene.listener.rejected.length, 3);
  });

  it('continue after the service closed the stream, and report what was missed', async () => {
    await whileListening(provider(stream), ticks, scene.listener, async () => {
      await open();
      price(BTC, 1);
      fake.publish(BTC);
      await until(() => scene.listener.received.length >= 1);
      const before = fake.requests.length;
      fake.answers.push({ status: 429, headers: { 'retry-after': '3' } });
      fake.drop();
      await until(() => fake.requests.length >= before + 2);
      await open();
      price(BTC, 9);
      fake.publish(BTC);
      await until(() => scene.listener.received.length >= 2);
    });
    const gaps = scene.listener.notices.filter(({ text }) => text.startsWith('a gap'));
    assert.deepEqual(
      gaps.map(({ facts }) => [facts.from, facts.to]),
      [['2024-01-01T12:00:01.000000Z', '2024-01-01T12:00:09.000000Z']],
    );
    assert.ok(scene.listener.waits.includes(3_000), 'waited as long as it was asked to');
  });

  it('count as lost when nothing comes', async () => {
    await whileListening(provider({ ...stream, idle_seconds: '0.2' }), ticks, scene.listener, () =>
      until(() => asked('/v2/updates/price/stream').length >= 2),
    );
    assert.ok(scene.listener.notices.some(({ facts }) => facts.reason === 'nothing received for 0.2 s'));
  });
});

describe('price feeds', () => {
  const listing = (id: string, symbol: string, base: string) => ({
    id,
    attributes: { symbol, base, asset_type: 'Crypto', description: `${base} / US DOLLAR` },
  });
  beforeEach(() => {
    fake.listings = [
      listing(BTC, 'Crypto.BTC/USD', 'BTC'),
      listing('ab'.repeat(32), 'Crypto.BTC/EUR', 'BTC'),
      listing(DOGE, 'Crypto.DOGE/USD', 'DOGE'),
      { id: 'odd' },
      null,
    ];
  });

  it('are listed by their base against the dollar', async () => {
    const listed = await provider().list();
    assert.deepEqual(
      listed.map(({ symbol, kinds }) => [symbol, kinds]),
      [
        ['BTC', ['tick', 'candle']],
        ['DOGE', ['tick', 'candle']],
      ],
    );
    assert.deepEqual(listed[1]?.metadata, { id: DOGE, symbol: 'Crypto.DOGE/USD' });
  });

  it('are found by their base, given by their id, or named when there is none', async () => {
    const request = { ...ticks, subjects: ['DOGE', 'MINE', 'NOSUCH'] };
    price(DOGE, 1);
    price('cd'.repeat(32), 1);
    await whileListening(provider({ feed_id_mine: `0x${'CD'.repeat(32)}` }), request, scene.listener, () =>
      until(() => scene.listener.received.length >= 2),
    );
    assert.deepEqual(scene.listener.received.map(({ subject }) => subject).sort(), ['DOGE', 'MINE']);
    assert.deepEqual(
      scene.listener.notices.map(({ facts }) => facts.subject),
      ['NOSUCH'],
    );
    await assert.rejects(
      provider().listen({ ...ticks, subjects: ['NOSUCH'] }, scene.listener.sink, new AbortController().signal),
      /no price feed for NOSUCH; well known are BTC, ETH, SOL, XAU/,
    );
  });
});

it('refuses options it cannot work with, by name', () => {
  const refused = (options: Record<string, string>, more: Partial<FeedSettings> = {}) => {
    try {
      pythProvider(settings(more, options));
    } catch (error) {
      return (error as Error).message;
    }
    return 'accepted';
  };
  assert.match(refused({ feed_id_sol: '0x12' }), /feed_id_sol to be 64 hexadecimal digits.*received "0x12"/);
  assert.match(refused({ hermes_url: 'nowhere' }), /hermes_url to be an absolute URL, received "nowhere"/);
  assert.match(refused({ poll_seconds: '0.1' }), /poll_seconds to be a number of at least 0.5, received "0.1"/);
  assert.match(refused({ transport: 'pigeon' }), /transport to be poll or stream, received "pigeon"/);
  assert.match(refused({}, { kind: 'depth' }), /kind to be tick or candle, received "depth"/);
  assert.match(
    refused({}, { kind: 'candle', granularity: '1s' }),
    /poll_seconds to be at most 1 for candles of 1s, or transport/,
  );
  assert.match(refused({}, { kind: 'candle', granularity: '7m' }), /expected a granularity of/);
});
