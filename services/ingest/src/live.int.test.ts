import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { lookUntil, type NatsServer, privateNats } from '@crunch-node/embedded/testing';
import { binanceProvider } from '@crunch-node/feeds';
import { type FakeBinance, klineFrame, klineRow, startFakeBinance } from '@crunch-node/feeds/testing';
import { type IngestService, startIngest } from './index.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { openScene, type Scene } from './testing/scene.ts';

const MINUTE = 60_000;
const NOON = Date.UTC(2024, 0, 1, 12);
const at = (minute: number): number => NOON + minute * MINUTE;
const SUBJECTS = ['BTCUSDT', 'ETHUSDT'];

describe('ingest in live pace', () => {
  let server: NatsServer;
  let exchange: FakeBinance;
  let scene: Scene;
  let clock: FakeClock;
  let ingest: IngestService;
  before(async () => {
    server = await privateNats();
    exchange = await startFakeBinance();
  });
  after(async () => {
    await exchange.stop();
    await server.stop();
  });
  beforeEach(async () => {
    exchange.klines.clear();
    exchange.answers.length = 0;
    clock = new FakeClock(at(10) + 1_000);
    exchange.nowMs = clock.nowMs();
    for (const subject of SUBJECTS) exchange.klines.set(subject, []);
    for (let minute = 0; minute < 10; minute++) for (const subject of SUBJECTS) happens(subject, minute);
    const options = { rest_url: exchange.restUrl, ws_url: exchange.wsUrl };
    scene = await openScene(server.url, 'live', { provider: 'binance', subjects: SUBJECTS, options });
  });
  afterEach(async () => {
    await ingest.stop();
    await scene.close();
  });

  /** The candle that closed at the end of a minute is added to the exchange's history. */
  const happens = (subject: string, minute: number): void => {
    exchange.klines.get(subject)?.push(klineRow(at(minute), MINUTE, 100 + minute));
  };
  /** Adds it to the history and sends it to the listeners. */
  const close = (subject: string, minute: number): void => {
    happens(subject, minute);
    exchange.send(klineFrame(subject, '1m', klineRow(at(minute), MINUTE, 100 + minute)));
  };
  const moveTo = (minute: number): void => {
    exchange.nowMs = at(minute);
    clock.moveTo(at(minute));
  };
  const start = async (): Promise<void> => {
    ingest = await startIngest(scene.context, {
      clock,
      provider: (reports) => binanceProvider(scene.context.config.feed, reports, clock),
    });
  };
  const listening = (): Promise<unknown> =>
    lookUntil(
      () => exchange.sockets.size,
      (n) => n === 1,
    );
  /** One word per message: `B7` is the candle of Bitcoin that closed at minute 7, `|7` the closing of that minute. */
  const published = async (): Promise<string[]> =>
    (await scene.published()).map((id) => {
      const [kind, , subject] = id.split(':');
      const minute = (Number(id.split(':').at(-1)) - NOON) / MINUTE;
      return kind === 'cycle' ? `|${minute}` : `${subject![0]}${minute + 1}`;
    });
  const publishedUntil = (word: string): Promise<string[]> => lookUntil(published, (words) => words.includes(word));
  const closings = (words: readonly string[]): string[] => words.filter((word) => word.startsWith('|'));
  const range = (prefix: string, from: number, to: number): string[] =>
    Array.from({ length: to - from + 1 }, (_, i) => `${prefix}${from + i}`);
  const assertInPlace = (words: readonly string[]): void => {
    for (const word of words) {
      const closing = words.indexOf(`|${word.slice(1)}`);
      assert.ok(closing < 0 || words.indexOf(word) <= closing, `${word} after its closing in ${words.join(' ')}`);
    }
  };

  it('pages the past in, closings in their place, and follows the market from there', async () => {
    await start();
    await listening();
    const past = await publishedUntil('|10');
    assert.deepEqual(closings(past), range('|', 6, 10));
    assert.deepEqual(
      [...past].filter((word) => !word.startsWith('|')).sort(),
      ['B10', ...range('B', 7, 9), 'E10', ...range('E', 7, 9)].sort(),
    );
    assertInPlace(past);

    moveTo(11.01);
    close('BTCUSDT', 10);
    await publishedUntil('B11');
    close('ETHUSDT', 10);
    assert.deepEqual((await publishedUntil('|11')).slice(past.length), ['B11', 'E11', '|11']);
    assert.equal(ingest.health().counts.late_records, undefined);
  });

  it('continues without a feed that stalls for an hour, and takes it back in order, late', async () => {
    await start();
    await listening();
    await publishedUntil('|10');
    for (let minute = 10; minute < 70; minute++) {
      moveTo(minute + 1.01);
      happens('ETHUSDT', minute);
      close('BTCUSDT', minute);
      await publishedUntil(`B${minute + 1}`);
      moveTo(minute + 1.51);
      await publishedUntil(`|${minute + 1}`);
    }
    moveTo(71.01);
    close('BTCUSDT', 70);
    close('ETHUSDT', 70);
    const words = await publishedUntil('|71');
    assert.deepEqual(closings(words), range('|', 6, 71));
    assert.deepEqual(
      words.filter((word) => word.startsWith('E')),
      range('E', 7, 71),
    );
    assert.ok(words.indexOf('E11') > words.indexOf('|70'));
    assert.ok(words.indexOf('E71') < words.indexOf('|71'));
    assert.equal(ingest.health().counts.late_records, 60);
  });

  it('resumes where it stopped, with every boundary it missed', async () => {
    await start();
    await listening();
    const before = await publishedUntil('|10');
    await ingest.stop();
    for (let minute = 10; minute < 15; minute++) for (const subject of SUBJECTS) happens(subject, minute);
    moveTo(15.01);
    await start();
    const words = await publishedUntil('|15');
    assert.deepEqual(words.slice(0, before.length), before);
    assert.deepEqual(closings(words), range('|', 6, 15));
    for (const subject of ['B', 'E']) {
      assert.deepEqual(
        words.filter((word) => word.startsWith(subject)),
        range(subject, 7, 15),
      );
    }
    assertInPlace(words);
  });

  it('gives a subject that cannot be fetched the lateness, and the others their cycles', async () => {
    exchange.klines.delete('ETHUSDT');
    await start();
    await listening();
    moveTo(10.6);
    const words = await publishedUntil('|10');
    assert.deepEqual(
      words.filter((word) => !word.startsWith('|')),
      range('B', 7, 10),
    );
    assertInPlace(words);
    exchange.klines.set('ETHUSDT', [klineRow(at(8), MINUTE, 1), klineRow(at(9), MINUTE, 1)]);
    for (let seconds = 1; seconds < 10; seconds++) moveTo(10.6 + seconds / 60);
    await lookUntil(published, (all) => {
      clock.moveTo(clock.nowMs() + 1_000);
      return all.includes('E10');
    });
    assert.equal(ingest.health().counts.late_records, 2);
  });

  it('fails when the feed can never come', async () => {
    exchange.refuseSockets = 451;
    try {
      await start();
      await assert.rejects(ingest.finished, /does not serve this location/);
      assert.equal(ingest.health().state, 'failed');
    } finally {
      exchange.refuseSockets = null;
    }
  });
});
