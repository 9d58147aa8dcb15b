import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { FeedSettings } from '@crunch-node/domain';
import { BSON, MongoClient } from 'mongodb';
import type { FetchRequest, SubjectPage } from '../../provider.ts';
import { type FakeMongo, startFakeMongo } from '../../testing/fake-mongo.ts';
import { btcAndEth, listener } from '../../testing/listener.ts';
import { mongodbProvider } from './index.ts';

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const NAME = 'market.events';

let mongo: FakeMongo;
const { received, rejected, notices, clock, reports, listen, faultOf, until, end } = listener();
const settings = (options: Record<string, string> = {}, more: Partial<FeedSettings> = {}): FeedSettings => ({
  provider: 'mongodb',
  ...btcAndEth,
  window: 120,
  backfill_minutes: 180,
  ...more,
  options: {
    mongodb_uri: mongo.uri,
    database: 'market',
    collection: 'events',
    subject_field: 'meta.symbol',
    timestamp_field: 'ts',
    ...options,
  },
});
const event = (symbol: string, ms: number, price: unknown = 100, more: object = {}) => ({
  meta: { symbol },
  ts: new Date(ms),
  insertedAt: new Date(ms),
  price,
  ...more,
});

before(async () => {
  mongo = await startFakeMongo();
});
after(() => mongo.stop());
afterEach(end);
beforeEach(() => {
  (mongo.documents(NAME) as unknown[]).length = 0;
  Object.assign(mongo, { hasChangeStreams: true });
  mongo.failures.length = 0;
});

describe('documents of the past', () => {
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

  it('keep all digits of large integers', async () => {
    const ids = ['9007199254740993', '9007199254740994', '9007199254740995'];
    mongo.insert(
      NAME,
      ids.map((id) =>
        event('BTC', NOW - MINUTE, 1, { _id: BSON.Long.fromString(id), trade: BSON.Long.fromString(id) }),
      ),
    );
    const { records } = await pageOf();
    assert.deepEqual(
      records.map(({ ordinal, values }) => [ordinal, values.trade]),
      ids.map((id) => [id, id]),
    );
  });

  it('come oldest first, on pages that never end inside a millisecond', async () => {
    mongo.insert(
      NAME,
      Array.from({ length: 250 }, (_, i) => event('BTC', NOW - 50 * MINUTE + Math.floor(i / 7) * 1000, i + 1)),
    );
    mongo.insert(NAME, [event('ETH', NOW - MINUTE)]);
    const prices: unknown[] = [];
    const sizes: number[] = [];
    for (let startMs: number | null = NOW - 60 * MINUTE; startMs !== null; ) {
      const page = await pageOf({ startMs });
      sizes.push(page.records.length);
      prices.push(...page.records.map(({ values }) => values.price));
      startMs = page.nextStartMs;
    }
    assert.deepEqual(
      prices,
      Array.from({ length: 250 }, (_, i) => i + 1),
    );
    assert.deepEqual(sizes, [98, 98, 54]);
    assert.equal((await pageOf({ limit: 3 })).records.length, 7);
  });

  it('become JSON, type by type', async () => {
    mongo.insert(NAME, [
      event('BTC', NOW - MINUTE, BSON.Decimal128.fromString('64000.10'), {
        _hidden: 1,
        long: BSON.Long.fromString('9007199254740993'),
        when: new Date(0),
        nested: {
          id: new BSON.ObjectId('0123456789abcdef01234567'),
          bytes: new BSON.Binary(Buffer.from('hi')),
          list: [1, null],
        },
      }),
    ]);
    const [record] = (await pageOf()).records;
    assert.deepEqual(record?.values, {
      meta: { symbol: 'BTC' },
      ts: new Date(NOW - MINUTE).toISOString(),
      insertedAt: new Date(NOW - MINUTE).toISOString(),
      price: 64000.1,
      long: '9007199254740993',
      when: '1970-01-01T00:00:00.000Z',
      nested: { id: '0123456789abcdef01234567', bytes: 'aGk=', list: [1, null] },
    });
    assert.match(record?.ordinal ?? '', /^[0-9a-f]{24}$/);
    assert.equal(record?.source, 'mongodb');
  });

  it('may carry their time in seconds', async () => {
    mongo.insert(NAME, [{ meta: { symbol: 'BTC' }, ts: (NOW - MINUTE + 1) / 1000, price: 1 }]);
    for (const timestamp_type of ['auto', 'numeric']) {
      const [record] = (await pageOf({ startMs: NOW - MINUTE + 1, endMs: NOW - MINUTE + 1 }, { timestamp_type }))
        .records;
      assert.equal(record?.ts_event, NOW - MINUTE + 1);
    }
  });

  it('are rejected one by one when they are garbage', async () => {
    const bad = [Number.NaN, 'much', -1, null].map((price, i) => event('BTC', NOW - 10_000 + i, price));
    mongo.insert(NAME, [...bad, event('BTC', NOW - 5_000)]);
    assert.equal((await pageOf()).records.length, 1);
    assert.deepEqual(rejected, ['not_a_number', 'not_a_number', 'not_positive', 'missing_field']);
  });

  it('are never reported as absent after a failure', async () => {
    assert.deepEqual(await pageOf(), { subject: 'BTC', records: [], nextStartMs: null });
    mongo.insert(NAME, [event('BTC', NOW - MINUTE)]);
    for (let i = 0; i < 2; i++) mongo.failures.push({ command: 'find', code: 11600, message: 'shutting down' });
    const [page] = await mongodbProvider(settings(), reports, clock).fetch(request());
    assert.match(page !== undefined && 'error' in page ? page.error.message : '', /shutting down/);
  });

  it('give the list of subjects', async () => {
    mongo.insert(NAME, [event('ETH', NOW), event('BTC', NOW), event('BTC', NOW), { meta: {} }]);
    const list = (options: Record<string, string>) => mongodbProvider(settings(options), reports, clock).list();
    assert.deepEqual(
      (await list({})).map(({ symbol }) => symbol),
      ['BTC', 'ETH'],
    );
    assert.deepEqual(
      (await list({ subject_limit: '1' })).map(({ symbol }) => symbol),
      ['BTC'],
    );
  });
});

describe('live documents', () => {
  const prices = () => received.map(({ values }) => values.price);
  const provider = (options: Record<string, string> = {}) => mongodbProvider(settings(options), reports, clock);
  const publish = (...numbers: number[]): void =>
    mongo.insert(
      NAME,
      numbers.map((n) => event(n % 2 ? 'BTC' : 'ETH', Date.now() - 1_000 + n, n)),
    );

  for (const listen_mode of ['changestream', 'poll']) {
    it(`come once each with ${listen_mode}, whatever breaks`, async () => {
      mongo.insert(NAME, [event('BTC', Date.now() - 2_000, 1)]);
      listen(provider({ listen_mode, poll_seconds: '0.5' }), btcAndEth);
      await until(() => prices().length === 1);
      mongo.insert(NAME, [
        event('XRP', Date.now(), 5),
        { meta: 'garbage' },
        event('BTC', Date.now() - 1_500, 'garbage'),
      ]);
      publish(2, 3);
      await until(() => prices().length === 3);
      mongo.drop();
      publish(4, 5);
      await until(() => prices().length === 5);
      mongo.failures.push(
        ...['find', 'getMore', 'aggregate'].map((command) => ({ command, code: 91, message: 'shutting down' })),
      );
      mongo.drop();
      publish(6, 7);
      await until(() => prices().length === 7);
      assert.deepEqual([...prices()].sort(), [1, 2, 3, 4, 5, 6, 7]);
      assert.deepEqual(rejected, ['not_a_number']);
    });
  }

  it('come all when they share one inserted_at, over several batches', async () => {
    const at = Date.now() - 1_000;
    mongo.insert(NAME, [event('BTC', at - 1_000, 1)]);
    listen(provider({ listen_mode: 'poll' }), btcAndEth);
    await until(() => prices().length === 1);
    const insertedAt = new Date(at);
    mongo.insert(
      NAME,
      Array.from({ length: 450 }, (_, i) => event('BTC', at + i, 2, { insertedAt })),
    );
    await until(() => prices().length === 451);
    mongo.insert(NAME, [event('BTC', at + 900, 3, { insertedAt })]);
    await until(() => prices().length === 452);
    assert.deepEqual(rejected, []);
  });

  it('wait on the server while there is no room', async () => {
    let makeRoom: () => void = () => undefined;
    const room = new Promise<void>((resolve) => {
      makeRoom = resolve;
    });
    mongo.insert(NAME, [event('BTC', Date.now() - 1_000, 1)]);
    listen(provider(), btcAndEth, () => room);
    await until(() => mongo.commands.includes('aggregate'));
    assert.deepEqual(prices(), []);
    makeRoom();
    await until(() => prices().length === 1);
  });

  it('are given up where there are no change streams, with what to do', async () => {
    Object.assign(mongo, { hasChangeStreams: false });
    const uri = `${mongo.uri}?directConnection=true`;
    const { message } = await faultOf(provider({ mongodb_uri: uri }), btcAndEth);
    assert.match(message, /no change streams here \(40573.*set listen_mode to poll/);
  });

  it('are reported when the field that polling needs is missing', async () => {
    mongo.insert(NAME, [{ meta: { symbol: 'BTC' }, ts: new Date(), price: 1 }]);
    listen(provider({ listen_mode: 'poll' }), btcAndEth);
    await until(() =>
      notices.some((text) => /documents without insertedAt are not seen; set inserted_at_field/.test(text)),
    );
  });
});

it('the test server is one for any client of the driver', async () => {
  const client = new MongoClient(mongo.uri);
  try {
    await client.db('any').collection('thing').insertOne({ a: 1 });
    assert.equal((await client.db('any').collection('thing').findOne({ a: 1 }))?.a, 1);
  } finally {
    await client.close();
  }
});
