import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { FeedSettings } from '@crunch-node/domain';
import { systemProviderClock } from '../../clock.ts';
import type { FetchRequest } from '../../provider.ts';
import { type FakeRest, startFakeRest } from '../../testing/fake-rest.ts';
import { btcAndEth, listener } from '../../testing/listener.ts';
import { restProvider } from './index.ts';

const NOW = Date.now();
let service: FakeRest;
const { received, rejected, notices, reports, listen, until, end } = listener();
let waits: number[];
let skippedMs = 0;
/** Long waits are skipped, and have passed. */
const clock = {
  ...systemProviderClock,
  nowMs: () => Date.now() + skippedMs,
  random: () => 0,
  async delay(ms: number, signal?: AbortSignal) {
    waits.push(ms);
    if (ms > 50) skippedMs += ms;
    await systemProviderClock.delay(Math.min(ms, 20), signal);
  },
};
const TEMPLATE = '/rows?symbol={subject}&from={start_ms}&to={end_ms}&limit={limit}&key={api_key}';
const provider = (options: Record<string, string> = {}, more: Partial<FeedSettings> = {}) =>
  restProvider(
    {
      provider: 'rest',
      subjects: ['BTC'],
      kind: 'tick',
      granularity: 'tick',
      window: 120,
      backfill_minutes: 180,
      ...more,
      options: {
        url: service.url + TEMPLATE,
        rows: 'data.rows',
        time_field: 't',
        time_unit: 'ms',
        id_field: 'id',
        value_fields: 'price',
        api_key: 's3cret',
        header_x_client: 'crunch',
        ...options,
      },
    },
    reports,
    clock,
  );
const request = (more: Partial<FetchRequest> = {}): FetchRequest => ({
  subjects: ['BTC'],
  kind: 'tick',
  granularity: 'tick',
  startMs: NOW - 3_600_000,
  endMs: NOW,
  limit: 1_000,
  ...more,
});
const pageOf = async (options: Record<string, string> = {}, more: Partial<FetchRequest> = {}) => {
  const [page] = await provider(options).fetch(request(more));
  if (page === undefined || 'error' in page) assert.fail(`expected a page, received ${page?.error}`);
  return page;
};
const errorOf = async (options: Record<string, string> = {}): Promise<Error> => {
  const [page] = await provider(options).fetch(request());
  return page !== undefined && 'error' in page ? page.error : assert.fail('expected an error');
};
const row = (id: number, t: unknown = NOW - 1_000_000 + id * 1_000, price: unknown = id) => ({
  symbol: 'BTC',
  id,
  t,
  price,
});

before(async () => {
  service = await startFakeRest();
});
after(() => service.stop());
afterEach(end);
beforeEach(() => {
  [waits, skippedMs] = [[], 0];
  for (const list of [service.rows, service.requests, service.answers]) list.length = 0;
});

describe('a web service by configuration', () => {
  it('is read page by page, with rows of one millisecond on one page', async () => {
    service.rows.push(...Array.from({ length: 25 }, (_, i) => row(i + 1, NOW - 100_000 + Math.floor(i / 3) * 10)));
    const ids = new Set<string | undefined>();
    for (let startMs: number | null = NOW - 200_000; startMs !== null; ) {
      const page = await pageOf({ limit: '10' }, { startMs });
      for (const { ordinal } of page.records) ids.add(ordinal);
      startMs = page.nextStartMs;
    }
    assert.equal(ids.size, 25);
    assert.match(service.requests[0]?.path ?? '', /^\/rows\?symbol=BTC&from=\d+&to=\d+&limit=10&key=s3cret$/);
    assert.equal(service.requests[0]?.headers['x-client'], 'crunch');
  });

  it('is followed from cursor to cursor', async () => {
    service.rows.push(...Array.from({ length: 25 }, (_, i) => row(i + 1)));
    const url = `${service.url}/cursor?symbol={subject}&limit=10&cursor={cursor}`;
    const page = await pageOf({ url, cursor_field: '/data/next' });
    assert.equal(page.records.length, 25);
    assert.equal(page.nextStartMs, null);
    assert.equal(service.requests.length, 3);
  });

  it('has its times read as they are written', async () => {
    const second = Math.floor(NOW / 1000) - 10;
    const times: Record<string, unknown> = {
      s: second + 0.25,
      us: `${second}250000`,
      ns: `${second}250000000`,
      iso: new Date(second * 1000 + 250).toISOString().replace('Z', ''),
    };
    for (const [time_unit, t] of Object.entries(times)) {
      service.rows.splice(0, 1, row(1, t));
      const url = `${service.url}/rows?symbol={subject}`;
      const { records } = await pageOf({ time_unit, url });
      assert.equal(records[0]?.ts_event, second * 1000 + 250, time_unit);
    }
  });

  it('may send garbage, which is rejected row by row', async () => {
    service.rows.push(row(1), row(2, 'soon'), row(3, NOW - 5, 'much'), row(4, NOW - 4, null), row(5, NOW - 3, '7.5'));
    const { records } = await pageOf();
    assert.deepEqual(
      records.map(({ values }) => values.price),
      [1, 7.5],
    );
    assert.deepEqual(rejected.sort(), ['bad_time', 'missing_field', 'not_a_number']);
  });

  it('delivers every good row among bad ones, with ids beyond 2^53 and after a byte order mark', async () => {
    const raw = (n: number, more = ''): string => `{"t":${NOW - 1_000},"id":9007199254740${n},"price":${n}${more}}`;
    const rows = [raw(991), raw(992), raw(993, ',"vwap":NaN'), '{"t":1 2}', raw(994), raw(995), raw(996)];
    const bodies = [
      `\ufeff{"data":{"rows":[${rows.join(',')}],"next":null}}`,
      rows.map((row) => `{"data":{"rows":[${row}]}}`).join('\n'),
    ];
    for (const body of bodies) {
      service.answers.push({ status: 200, body });
      const { records } = await pageOf();
      assert.deepEqual(
        records.map(({ ordinal, values }) => [ordinal, values.price]),
        [991, 992, 994, 995, 996].map((n) => [`9007199254740${n}`, n]),
      );
      assert.deepEqual(rejected.splice(0).sort(), ['not_a_number', 'unreadable']);
    }
    service.answers.push({ status: 200, body: `[${rows.join(',')}]` });
    const { records } = await pageOf({ rows: '', value_fields: '' });
    assert.deepEqual(records[2]?.values, { t: NOW - 1_000, id: '9007199254740994', price: 994 });
    assert.deepEqual(records[0]?.values, { t: NOW - 1_000, id: 9007199254740991, price: 991 });
  });

  it('gives an empty page for an empty response', async () => {
    service.answers.push({ status: 200 }, { status: 200, body: ' \n' }, { status: 204 });
    for (let i = 0; i < 3; i++) assert.deepEqual(await pageOf(), { subject: 'BTC', records: [], nextStartMs: null });
    assert.deepEqual([rejected, notices], [[], []]);
  });

  it('has exact ids however a number is written, and no row behind the last comma', async () => {
    const t = NOW - 1_000_000;
    const rows = ['9007199254740993.0', '9.007199254740995e15'].map(
      (id, i) => `{"symbol":"BTC","id":${id},"t":${t + i},"price":1}`,
    );
    service.answers.push({ status: 200, body: `{"data":{"rows":[${rows.join(',')},]}}` });
    const { records } = await pageOf();
    assert.deepEqual(
      records.map(({ ordinal }) => ordinal),
      ['9007199254740993', '9007199254740995'],
    );
    assert.deepEqual(rejected, []);
  });

  it('may hold objects that would trip a careless reader', async () => {
    const odd = '{"toString":1,"valueOf":2,"__proto__":{"price":5}}';
    const body = `{"data":{"rows":[{"t":${odd},"id":1,"price":1},{"t":${NOW - 1},"id":${odd},"price":2}]}}`;
    service.answers.push({ status: 200, body });
    const { records } = await pageOf();
    assert.deepEqual(
      records.map(({ values }) => values.price),
      [2],
    );
    assert.deepEqual(rejected, ['bad_time']);
  });

  it('may refuse, which is reported without the key', async () => {
    service.answers.push(
      { status: 500 },
      { status: 200, body: '<html>' },
      { status: 200, body: '{"a":1}' },
      { status: 302 },
    );
    const messages = [await errorOf(), await errorOf(), await errorOf(), await errorOf()].map(({ message }) => message);
    assert.match(messages[0]!, /was answered with 500$/);
    assert.match(messages[1]!, /expected JSON, received "<html>"/);
    assert.match(messages[2]!, /expected rows at data.rows/);
    assert.match(messages[3]!, /a redirect: set url to where it leads/);
    assert.ok(messages.every((message) => !message.includes('s3cret') && message.includes('{api_key}')));
  });

  it('gets no request for as long as it demands', async () => {
    const asking = provider();
    service.answers.push({ status: 429, headers: { 'retry-after': '17' } });
    assert.ok('error' in (await asking.fetch(request()))[0]!);
    assert.ok('records' in (await asking.fetch(request()))[0]!);
    assert.ok(
      waits.some((ms) => ms > 15_000 && ms <= 17_000),
      `waited ${waits}`,
    );
    assert.equal(notices.length, 1);
    assert.match(notices[0]!, /^the service asks for a pause/);
  });

  it('has no history when it only knows the present, and is not loaded again while nothing changes', async () => {
    service.rows.push(row(1, NOW));
    const asking = provider({ url: `${service.url}/rows?symbol={subject}` });
    assert.match(asking.history?.('tick', 'tick') ?? '', /only gives the present/);
    assert.equal(provider().history?.('tick', 'tick'), null);
    const before = service.unchanged;
    for (let i = 0; i < 3; i++) assert.equal(JSON.stringify(await asking.fetch(request())).includes('ts_event'), true);
    assert.equal(service.unchanged, before + 2);
  });

  it('is refused at start when its options make no valid request', () => {
    for (const [options, fault] of [
      [{ url: '' }, /expected url to be a URL such as/],
      [{ url: 'ftp://x/{subject}' }, /http\(s\) URL with placeholders we know/],
      [{ url: 'http://u:p@x/{who}?k=1' }, /received "http:\/\/\*\*\*@x\/\{who\}\?\*\*\*"/],
      [{ time_field: '' }, /time_field/],
      [{ time_unit: 'h' }, /s or ms or us or ns or iso/],
      [{ cursor_field: 'next' }, /a URL with \{cursor\}/],
      [{ header_x: 'a\nb' }, /header without control characters, received "\*\*\*"/],
    ] as const) {
      assert.throws(() => provider(options as Record<string, string>), fault);
    }
    assert.throws(() => provider({ url: `${service.url}/all` }, { subjects: ['A', 'B'] }), /subject_field/);
  });
});

it('live rows are delivered once each, whatever fails, and no subject holds up another', async () => {
  service.rows.push(row(1, Date.now()));
  service.answers.push({ status: 500 });
  listen(provider({}, { subjects: ['BTC', 'ETH'] }), btcAndEth);
  await until(() => received.length >= 1);
  service.rows.push(row(2, Date.now(), 'bad'), row(3, Date.now()), { ...row(4, Date.now()), symbol: 'ETH' });
  service.answers.push({ status: 503 }, { status: 429, headers: { 'retry-after': '1' } });
  await until(() => received.length >= 3);
  assert.deepEqual(received.map(({ ordinal }) => ordinal).sort(), ['1', '3', '4']);
  assert.deepEqual(rejected, ['not_a_number']);
});
