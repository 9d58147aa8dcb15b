import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { FeedRecord, FeedSettings } from '@crunch-node/domain';
import type { FetchRequest, SubjectPage } from '../../provider.ts';
import { klineFrame, klineRow, startFakeBinance } from '../../testing/fake-binance.ts';
import type { FakeBinance } from '../../testing/fake-binance-state.ts';
import { type Hearing, hearing, until } from '../../testing/hearing.ts';
import { binanceProvider } from './index.ts';

const MINUTE = 60_000;
const NOON = Date.UTC(2024, 0, 1, 12);
const at = (minute: number): number => NOON + minute * MINUTE;
const row = (minute: number): ReturnType<typeof klineRow> => klineRow(at(minute), MINUTE, 100 + minute);

let fake: FakeBinance;
let listener: Hearing;
const settings = (more: Partial<FeedSettings> = {}, options: Record<string, string> = {}): FeedSettings => ({
  provider: 'binance',
  subjects: ['BTCUSDT'],
  kind: 'candle',
  granularity: '1m',
  window: 120,
  backfill_minutes: 180,
  ...more,
  options: { rest_url: fake.restUrl, ws_url: fake.wsUrl, ...options },
});
const provider = (options: Record<string, string> = {}) =>
  binanceProvider(settings({}, options), listener.reports, listener.clock);
const request = (more: Partial<FetchRequest> = {}): FetchRequest => ({
  subjects: ['BTCUSDT'],
  kind: 'candle',
  granularity: '1m',
  startMs: at(0),
  endMs: listener.nowMs,
  limit: 1_000,
  ...more,
});
const noticed = (): string[] => listener.notices.map(({ text }) => text);
const minutes = (records: readonly FeedRecord[]): number[] => records.map(({ ts_event }) => (ts_event - NOON) / MINUTE);

before(async () => {
  fake = await startFakeBinance();
});
after(() => fake.stop());
beforeEach(() => {
  listener = hearing(at(10) + 500);
  Object.assign(fake, { nowMs: listener.nowMs, weight: 2, refuseSockets: null });
  fake.klines.clear();
  fake.requests.length = 0;
});

describe('candles of the past', () => {
  const pageOf = async (more: Partial<FetchRequest> = {}): Promise<Extract<SubjectPage, { records: unknown }>> => {
    const [page] = await provider().fetch(request(more));
    if (page === undefined || 'error' in page) assert.fail(`expected a page, received ${page?.error}`);
    return page;
  };

  it('come in pages until the range is covered', async () => {
    listener.nowMs = at(2_500) + 500;
    fake.nowMs = listener.nowMs;
    fake.klines.set(
      'BTCUSDT',
      Array.from({ length: 2_500 }, (_, minute) => row(minute)),
    );
    const records: FeedRecord[] = [];
    const sizes: number[] = [];
    for (let startMs: number | null = at(0); startMs !== null; ) {
      const page = await pageOf({ startMs });
      sizes.push(page.records.length);
      records.push(...page.records);
      startMs = page.nextStartMs;
    }
    assert.deepEqual(sizes, [1_000, 1_000, 500]);
    assert.deepEqual(
      minutes(records),
      Array.from({ length: 2_500 }, (_, minute) => minute),
    );
  });

  it('are put on the grid when they began off it, the first one of an interval', async () => {
    const late = (minute: number, ms: number) => klineRow(at(minute) + ms, MINUTE, 100 + minute);
    fake.klines.set('BTCUSDT', [
      row(0),
      late(1, 1_683),
      late(2, 59_999),
      row(3),
      late(3, 500),
      late(5, 30_000),
      row(6),
    ]);
    const records: FeedRecord[] = [];
    for (let startMs: number | null = at(0); startMs !== null; ) {
      const page = await pageOf({ startMs, endMs: at(5), limit: 2 });
      records.push(...page.records);
      startMs = page.nextStartMs;
    }
    assert.deepEqual(minutes(records), [0, 1, 2, 3, 5]);
    assert.deepEqual(
      records.map(({ metadata }) => metadata?.exact_open_ms),
      [undefined, at(1) + 1_683, at(2) + 59_999, undefined, at(5) + 30_000],
    );
    assert.equal(records[1]?.at, '2024-01-01T12:02:00.000000Z');
    const all = await pageOf({ endMs: at(5) });
    assert.deepEqual(all.records, records);
    assert.deepEqual(
      listener.rejected.map(({ reason }) => reason),
      ['duplicate'],
    );
  });

  it('are closed by the clock of the exchange, not by ours', async () => {
    fake.klines.set('BTCUSDT', [8, 9, 10].map(row));
    assert.deepEqual(minutes((await pageOf()).records), [8, 9]);
    fake.nowMs = at(10) - 1;
    const page = await pageOf();
    assert.deepEqual(minutes(page.records), [8]);
    assert.equal(page.records[0]?.at, '2024-01-01T12:09:00.000000Z');
  });

  it('distinguish "no data" from a failure, subject by subject', async () => {
    fake.klines.set('ETHUSDT', []);
    const pages = await provider().fetch(request({ subjects: ['NOSUCH', 'ETHUSDT'] }));
    assert.match('error' in pages[0]! ? pages[0].error.message : '', /400 \(-1121\): Invalid symbol/);
    assert.deepEqual(pages[1], { subject: 'ETHUSDT', records: [], nextStartMs: null });
  });

  it('are rejected one by one when they are malformed', async () => {
    fake.klines.set('BTCUSDT', [
      row(0),
      [at(1), '1'],
      ['soon', ...row(2).slice(1)],
      [at(3), 'NaN', ...row(3).slice(2)],
      row(4),
    ]);
    fake.answers.push({ status: 200, body: fake.klines.get('BTCUSDT') });
    assert.deepEqual(minutes((await pageOf()).records), [0, 4]);
    assert.deepEqual(
      listener.rejected.map(({ reason }) => reason),
      ['missing_field', 'bad_time', 'not_a_number'],
    );
  });

  it('fail for a subject when the response is no list', async () => {
    fake.answers.push({ status: 200, body: { not: 'a list' } });
    const [page] = await provider().fetch(request());
    assert.match(page !== undefined && 'error' in page ? page.error.message : '', /expected a list of candles/);
  });

  it('wait as long as the exchange demands', async () => {
    fake.klines.set('BTCUSDT', [row(0)]);
    const asking = provider();
    for (const [status, headers, seconds] of [
      [429, { 'retry-after': '17' }, 17],
      [418, {}, 120],
    ] as const) {
      fake.answers.push({ status, headers, body: { code: -1003, msg: 'Too many requests.' } });
      assert.ok('error' in (await asking.fetch(request()))[0]!);
      listener.waits.length = 0;
      assert.ok('records' in (await asking.fetch(request()))[0]!);
      assert.deepEqual(listener.waits, [seconds * 1000]);
    }
    assert.deepEqual(noticed(), ['rate limited by Binance', 'rate limited by Binance']);
  });

  it('stop for the rest of a minute whose budget is used', async () => {
    fake.klines.set('BTCUSDT', [row(0)]);
    const asking = provider({ weight_limit: '100' });
    fake.weight = 80;
    await asking.fetch(request());
    await asking.fetch(request());
    assert.deepEqual(listener.waits, [59_500]);
  });

  it('give the list of subjects', async () => {
    fake.klines.set('BTCUSDT', []);
    const [subject] = await provider().list();
    assert.equal(subject?.symbol, 'BTCUSDT');
    assert.deepEqual(subject?.metadata, { status: 'TRADING', base: 'BTC', quote: 'USDT' });
  });
});

describe('live candles', () => {
  let stop: AbortController;
  let listening: Promise<void>;
  let received: FeedRecord[];
  let confirmed: string[];
  beforeEach(() => {
    [stop, received, confirmed] = [new AbortController(), [], []];
  });
  afterEach(async () => {
    stop.abort();
    await listening;
  });

  async function listen(options: Record<string, string> = {}, subjects = ['BTCUSDT']): Promise<void> {
    for (const subject of subjects) if (!fake.klines.has(subject)) fake.klines.set(subject, []);
    const sink = {
      record: (record: FeedRecord) => received.push(record),
      confirmed: (subject: string, upTo: string) => confirmed.push(`${subject} ${upTo.slice(11, 16)}`),
    };
    listening = provider(options).listen({ subjects, kind: 'candle', granularity: '1m' }, sink, stop.signal);
    await until(() => fake.sockets.size === 1 && fake.requests.length >= subjects.length);
  }
  const close = (minute: number): void => {
    fake.klines.get('BTCUSDT')?.push(row(minute));
    fake.send(klineFrame('BTCUSDT', '1m', row(minute)));
  };

  it('come once each when they close, and confirm what they complete', async () => {
    await listen({}, ['BTCUSDT', 'ETHUSDT']);
    assert.match(fake.connections.at(-1)!, /streams=btcusdt@kline_1m\/ethusdt@kline_1m$/);
    fake.send(klineFrame('BTCUSDT', '1m', row(10), false));
    close(10);
    close(10);
    close(11);
    await until(() => received.length >= 2);
    assert.deepEqual(minutes(received), [10, 11]);
    assert.deepEqual(confirmed, ['BTCUSDT 12:11', 'BTCUSDT 12:12']);
  });

  it('are complete again after the connection was lost', async () => {
    await listen();
    close(10);
    await until(() => received.length >= 1);
    fake.refuseSockets = 503;
    fake.drop();
    fake.klines.get('BTCUSDT')!.push(row(11), row(12));
    [listener.nowMs, fake.nowMs] = [at(13), at(13)];
    await until(() => listener.notices.length >= 3);
    await until(() => received.length >= 3);
    fake.refuseSockets = null;
    await until(() => fake.sockets.size === 1);
    close(13);
    await until(() => received.length >= 4);
    assert.deepEqual(minutes(received), [10, 11, 12, 13]);
    assert.ok(
      listener.waits.every((ms, i) => i === 0 || ms >= listener.waits[i - 1]! || ms === 500),
      `back-off ${listener.waits}`,
    );
  });

  it('are held back until the gap before them is filled, however often that fails', async () => {
    await listen();
    close(10);
    await until(() => received.length >= 1);
    for (let i = 0; i < 4; i++) fake.answers.push({ status: 500, body: { code: -1000, msg: 'unknown' } });
    fake.klines.get('BTCUSDT')!.push(row(11), row(12));
    [listener.nowMs, fake.nowMs] = [at(14), at(14)];
    close(13);
    close(14);
    await until(() => received.length >= 5);
    assert.deepEqual(minutes(received), [10, 11, 12, 13, 14]);
    assert.equal(noticed().filter((text) => text.startsWith('cannot fill a gap')).length, 4);
  });

  it('answer pings, and count a silent connection as lost', async () => {
    const before = fake.connections.length;
    await listen({ idle_seconds: '0.2' });
    for (const socket of fake.sockets) socket.ping();
    await until(() => fake.pongs > 0);
    await until(() => fake.connections.length >= before + 2);
    assert.ok(noticed().includes('lost the connection to Binance, connecting again'));
  });

  it('are not requested again where the exchange may not serve them', async () => {
    fake.refuseSockets = 451;
    const sink = { record: () => undefined, confirmed: () => undefined };
    const request = { subjects: ['BTCUSDT'], kind: 'candle', granularity: '1m' };
    await assert.rejects(provider().listen(request, sink, stop.signal), /451.*use another ws_url/);
    listening = Promise.resolve();
  });
});

it('refuses kinds and granularities that Binance does not have', () => {
  const build = (more: Partial<FeedSettings>) => () => binanceProvider(settings(more));
  assert.throws(build({ kind: 'news' }), /expected kind to be candle, tick, depth, funding, received "news"/);
  assert.throws(build({ granularity: '7m' }), { name: 'UnknownGranularity' });
  assert.throws(() => binanceProvider(settings({}, { rest_url: 'nowhere' })), /rest_url to be an absolute URL/);
});
