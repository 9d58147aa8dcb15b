import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { BSON } from 'mongodb';
import type { FetchRequest, SubjectPage } from '../../provider.ts';
import { type FakeMongo, startFakeMongo } from '../../testing/fake-mongo.ts';
import { btcAndEth, listener } from '../../testing/listener.ts';
import { mongodbProvider } from './index.ts';

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const NAME = 'market.events';

let mongo: FakeMongo;
const { rejected, notices, clock, reports, end } = listener();
const settings = (options: Record<string, string> = {}) => ({
  provider: 'mongodb',
  ...btcAndEth,
  window: 120,
  backfill_minutes: 180,
  options: {
    mongodb_uri: mongo.uri,
    database: 'market',
    collection: 'events',
    subject_field: 'meta.symbol',
    timestamp_field: 'ts',
    ...options,
  },
});
const request = (more: Partial<FetchRequest> = {}): FetchRequest => ({
  subjects: ['BTC'],
  kind: 'tick',
  granularity: 'tick',
  startMs: NOW - 60 * MINUTE,
  endMs: NOW,
  limit: 100,
  ...more,
});
const pageOf = async (more: Partial<FetchRequest> = {}, options: Record<string, string> = {}) => {
  const [page] = await mongodbProvider(settings(options), reports, clock).fetch(request(more));
  if (page === undefined || 'error' in page) assert.fail(`expected a page, received ${page?.error}`);
  return page as Extract<SubjectPage, { records: unknown }>;
};

before(async () => {
  mongo = await startFakeMongo();
});
after(() => mongo.stop());
afterEach(end);
beforeEach(() => {
  (mongo.documents(NAME) as unknown[]).length = 0;
});

describe('times of documents', () => {
  it('may store their time in several forms, and are queried in each', async () => {
    const iso = (ms: number): string => new Date(ms).toISOString();
    const local = (ms: number): string =>
      `${iso(ms + 330 * MINUTE)
        .slice(0, 19)
        .replace('T', ' ')}+05:30`;
    const forms: Record<string, (ms: number) => unknown> = {
      seconds: (ms) => ms / 1000,
      milliseconds: (ms) => ms,
      microseconds: (ms) => ms * 1000,
      nanoseconds: (ms) => BSON.Long.fromString(`${ms}000000`),
      'digits of seconds': (ms) => String(ms / 1000),
      'digits of milliseconds': (ms) => String(ms),
      'digits of microseconds': (ms) => `${ms}000`,
      'digits of nanoseconds': (ms) => `${ms}000000`,
      iso,
      local,
      date: (ms) => new Date(ms),
    };
    for (const [name, form] of Object.entries(forms)) {
      (mongo.documents(NAME) as unknown[]).length = 0;
      const times = Array.from({ length: 9 }, (_, i) => NOW - 9 * MINUTE + i * 7_000);
      mongo.insert(
        NAME,
        times.map((ms, i) => ({ meta: { symbol: 'BTC' }, ts: form(ms), price: i + 1 })),
      );
      const made = mongodbProvider(settings(), reports, clock);
      const found: number[] = [];
      for (let startMs: number | null = times[1]!; startMs !== null; ) {
        const [page] = await made.fetch(request({ startMs, endMs: times[7]!, limit: 2 }));
        if (page === undefined || 'error' in page) assert.fail(`${name}: ${page?.error}`);
        found.push(...page.records.map(({ ts_event }) => ts_event));
        startMs = page.nextStartMs;
      }
      assert.deepEqual(found, times.slice(1, 8), name);
    }
    assert.deepEqual(rejected, []);
    assert.ok(notices.some((text) => text.startsWith('times are read as nanoseconds')));

    (mongo.documents(NAME) as unknown[]).length = 0;
    const all = Object.values(forms).map((form, i) => ({
      meta: { symbol: 'BTC' },
      ts: form(NOW - 9000 + i * 1000),
      price: 1,
    }));
    mongo.insert(NAME, all.reverse());
    const { records } = await pageOf({ limit: 3 });
    assert.deepEqual(
      records.map(({ ts_event }) => NOW - ts_event),
      [9000, 8000, 7000],
    );
  });

  it('may be digits as text from before 2001, and around the second at which they got a digit more', async () => {
    const turn = 1e12;
    for (const unit of [1e-3, 1, 1e3, 1e6]) {
      const digits = (ms: number): string => (unit < 1 ? String(ms / 1000) : String(BigInt(ms) * BigInt(unit)));
      (mongo.documents(NAME) as unknown[]).length = 0;
      const times = [turn - 90_000_000_000, turn - 1_500, turn - 1_000, turn - 1, turn, turn + 1, turn + 2_000];
      mongo.insert(
        NAME,
        times.map((ms, i) => ({ meta: { symbol: 'BTC' }, ts: digits(ms), price: i + 1 })),
      );
      for (const [from, to] of [
        [0, 6],
        [1, 3],
        [2, 5],
        [4, 4],
        [5, 6],
      ] as const) {
        const { records } = await pageOf({ startMs: times[from]!, endMs: times[to]! });
        assert.deepEqual(
          records.map(({ ts_event }) => ts_event),
          times.slice(from, to + 1),
          `${unit}, from ${from} to ${to}`,
        );
      }
    }
    assert.deepEqual(rejected, []);
  });

  it('are named when their time is in no form that is read', async () => {
    const stored: readonly [unknown, Record<string, string>][] = [
      [NOW * 1000, { time_unit: 's' }],
      [NOW - MINUTE, { timestamp_type: 'datetime' }],
      ['lately', {}],
      [String(NOW - MINUTE), { time_unit: 'us' }],
      [17, {}],
    ];
    for (const [ts, options] of stored) {
      (mongo.documents(NAME) as unknown[]).length = 0;
      mongo.insert(NAME, [{ meta: { symbol: 'BTC' }, ts, price: 1 }]);
      assert.deepEqual((await pageOf({}, options)).records, []);
    }
    assert.deepEqual(rejected, ['bad_time', 'bad_time', 'bad_time', 'bad_time', 'bad_time']);
    assert.ok(
      notices.some((text) => text.startsWith('documents whose time is not of the configured form are not read')),
    );
  });
});
