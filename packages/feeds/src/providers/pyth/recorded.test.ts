import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type FakeHermes, startFakeHermes } from '../../testing/fake-hermes.ts';
import { type Hearing, hearing, until, whileListening } from '../../testing/hearing.ts';
import { recordedMessages, skipWithoutData } from '../../testing/recorded.ts';
import { pythProvider } from './index.ts';

const WIF = 'c96458d393fe9deb7a7d63a0ac41e2898a67a7750dbd166673279e06c868df0a';

describe('recorded data of Hermes', { skip: skipWithoutData }, () => {
  let fake: FakeHermes;
  let listener: Hearing;
  before(async () => {
    fake = await startFakeHermes();
  });
  after(() => fake.stop());
  beforeEach(() => {
    fake.clear();
    listener = hearing(Date.now());
  });
  const request = { subjects: ['BTC', 'ETH', 'WIF'], kind: 'tick', granularity: '1s' };
  const provider = (options: Record<string, string> = {}) =>
    pythProvider(
      {
        provider: 'pyth',
        ...request,
        window: 1,
        backfill_minutes: 1,
        options: { hermes_url: fake.url, benchmarks_url: fake.url, feed_id_wif: WIF, ...options },
      },
      listener.reports,
      listener.clock,
    );
  const received = () => listener.received.map(({ subject, at, values }) => [subject, at, values.price]);

  it('is read as the latest prices', async () => {
    const [answer] = recordedMessages<unknown[]>('pyth/rest-v2-updates-price-latest-btc-wif.json');
    fake.answers.push({ status: 200, body: answer });
    await whileListening(provider(), request, listener, () => until(() => listener.received.length >= 2));
    assert.deepEqual(received(), [
      ['BTC', '2024-05-03T14:21:41.000000Z', 61_409.93501],
      ['WIF', '2024-05-03T14:21:41.000000Z', 0.04959503],
    ]);
    assert.deepEqual(listener.rejected, []);
  });

  it('is read as a stream, cut anywhere', async () => {
    const frames = recordedMessages<{ frame: string }[]>('pyth/sse-v2-updates-price-stream-btc.json');
    const text = frames.map(({ frame }) => frame).join('');
    const open = (): Promise<void> => until(() => fake.streams.size === 1);
    for (const size of [text.length, 1_000, 61]) {
      fake.clear();
      listener = hearing(Date.now());
      await whileListening(provider({ transport: 'stream' }), request, listener, async () => {
        await open();
        for (let i = 0; i < text.length; i += size) fake.send(text.slice(i, i + size));
        await until(() => listener.received.length >= 2);
      });
      assert.deepEqual(received(), [
        ['BTC', '2024-05-03T14:58:20.000000Z', 61_632.6],
        ['BTC', '2024-05-03T14:58:21.000000Z', 61_630.88],
      ]);
      assert.deepEqual(listener.rejected, []);
    }
  });

  it('is read as from the older service, whose prices have the same form', async () => {
    const parsed = recordedMessages<unknown[]>('pyth/rest-legacy-latest-price-feeds-eth.json');
    fake.answers.push({ status: 200, body: parsed }, { status: 200, body: { parsed } });
    await whileListening(provider(), request, listener, () => until(() => listener.received.length >= 1));
    assert.deepEqual(received(), [['ETH', '2023-08-15T14:43:21.000000Z', 1_841.36023127]]);
    assert.match(String(listener.notices[0]?.facts.reason), /expected parsed prices from Hermes/);
  });
});
