import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type ProviderClock, systemProviderClock } from '../../clock.ts';
import type { FeedReports, FeedSink, LiveProvider } from '../../provider.ts';
import { type FakeBinance, startFakeBinance } from '../../testing/fake-binance.ts';
import { binanceProvider } from './index.ts';

const wire = path.resolve(process.env.CRUNCH_DATA_DIR ?? '../shared/data', 'wire/binance');
const skip = existsSync(wire) ? false : `no recorded messages at ${wire}: set CRUNCH_DATA_DIR to test on them`;
const recorded = <T>(name: string): T => JSON.parse(readFileSync(path.join(wire, name), 'utf8')) as T;

describe('what Binance really sent', { skip }, () => {
  let fake: FakeBinance;
  let rejected: string[];
  let nowMs: number;
  const clock: ProviderClock = { ...systemProviderClock, nowMs: () => nowMs };
  const reports: FeedReports = { rejected: ({ reason }) => rejected.push(reason), notice: () => undefined };
  const provider = (subjects: readonly string[], granularity: string): LiveProvider => {
    const options = { rest_url: fake.restUrl, ws_url: fake.wsUrl };
    const feed = {
      provider: 'binance',
      subjects,
      kind: 'candle',
      granularity,
      window: 1,
      backfill_minutes: 1,
      options,
    };
    return binanceProvider(feed, reports, clock);
  };
  async function until(holds: () => boolean): Promise<void> {
    const deadline = performance.now() + 20_000;
    while (!holds()) {
      if (performance.now() > deadline) throw new Error('waited in vain');
      await delay(2);
    }
  }
  before(async () => {
    fake = await startFakeBinance();
  });
  after(() => fake.stop());
  beforeEach(() => {
    rejected = [];
    nowMs = Date.now();
    fake.requests.length = 0;
  });

  it('is read to the last candle of the recorded answers', async () => {
    const answers = recorded<{ query: string; body: unknown[] }[]>('rest-spot-klines.json');
    let candles = 0;
    for (const { query, body } of answers) {
      const granularity = new URLSearchParams(query).get('interval') ?? '';
      fake.answers.push({ status: 200, body });
      const request = { subjects: ['BTCUSDT'], kind: 'candle', granularity, startMs: 0, endMs: nowMs, limit: 1_000 };
      const [page] = await provider(['BTCUSDT'], granularity).fetch(request);
      assert.ok(page !== undefined && 'records' in page);
      assert.equal(page.records.length, body.length);
      candles += page.records.length;
    }
    assert.deepEqual(rejected, []);
    assert.ok(candles > 1_000);
  });

  it('gives the candles of the recorded streams that closed, and nothing else', async () => {
    const frames = ['ws-spot-kline-aggtrade-20211012.json', 'ws-usdm-kline-1m-20210722.json'].flatMap((name) =>
      recorded<{ raw: string }[]>(name).map(({ raw }) => raw),
    );
    const klines = frames.flatMap((raw) => {
      const { k } = (JSON.parse(raw) as { data: { k?: { s: string; x: boolean; t: number } } }).data;
      return k === undefined ? [] : [k];
    });
    const subjects = [...new Set(klines.map(({ s }) => s))];
    for (const subject of subjects) fake.klines.set(subject, []);
    nowMs = Math.min(...klines.map(({ t }) => t));
    fake.nowMs = nowMs;
    const told: string[] = [];
    const sink: FeedSink = {
      record: ({ subject, ts_event }) => told.push(`${subject} ${ts_event}`),
      confirmed: () => undefined,
    };
    const stop = new AbortController();
    const request = { subjects, kind: 'candle', granularity: '1m' };
    const listening = provider(subjects, '1m').listen(request, sink, stop.signal);
    await until(() => fake.sockets.size === 1 && fake.requests.length === subjects.length);
    for (const raw of frames) fake.send(raw);
    const closed = klines.filter(({ x }) => x).map(({ s, t }) => `${s} ${t}`);
    await until(() => told.length >= closed.length);
    stop.abort();
    await listening;
    assert.deepEqual(told.sort(), closed.sort());
    assert.equal(closed.length, 5);
    assert.deepEqual(rejected, []);
  });
});
