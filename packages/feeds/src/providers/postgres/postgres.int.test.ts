import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { FeedSettings } from '@crunch-node/domain';
import { type Postgres, pgBouncerMissing, privatePgBouncer, privatePostgres } from '@crunch-node/embedded/testing';
import pg from 'pg';
import { systemProviderClock } from '../../clock.ts';
import type { FetchRequest } from '../../provider.ts';
import { btcAndEth, listener } from '../../testing/listener.ts';
import { checkPostgresFeed } from './check.ts';
import { postgresProvider } from './index.ts';

const NOW = Date.now();
const REQUEST: FetchRequest = {
  subjects: ['BTC'],
  kind: 'tick',
  granularity: 'tick',
  startMs: NOW - 3_600_000,
  endMs: NOW + 60_000,
  limit: 100,
};
const skip = await pgBouncerMissing();
let server: Postgres;
let owner: pg.Client;
const { received, rejected, notices, clock, reports, listen, until, end } = listener();
const settings = (options: Record<string, string> = {}, more: Partial<FeedSettings> = {}): FeedSettings => ({
  provider: 'postgres',
  ...btcAndEth,
  window: 120,
  backfill_minutes: 180,
  ...more,
  options: {
    postgres_uri: server.url,
    table: 'ticks',
    subject_column: 'Symbol',
    time_column: 'at',
    id_column: 'id',
    ...options,
  },
});
const provider = (options: Record<string, string> = {}, more: Partial<FeedSettings> = {}) =>
  postgresProvider(settings(options, more), reports, clock);
const pageOf = async (options: Record<string, string> = {}, more: Partial<FetchRequest> = {}) => {
  const [page] = await provider(options).fetch({ ...REQUEST, ...more });
  if (page === undefined || 'error' in page) assert.fail(`expected a page, received ${page?.error}`);
  return page;
};
const insert = (symbol: string, ms: number, price: string | null): Promise<unknown> =>
  owner.query('insert into ticks ("Symbol", at, price) values ($1, $2, $3)', [symbol, new Date(ms), price]);

before(async () => {
  server = await privatePostgres();
  owner = new pg.Client(server.url);
  await owner.connect();
  await owner.query(
    'create table ticks (id bigserial primary key, "Symbol" text, at timestamptz, price numeric, note jsonb, "odd ""name" int)',
  );
});
after(async () => {
  await owner.end();
  await server.stop();
});
afterEach(end);
beforeEach(async () => {
  await owner.query('truncate ticks');
});

describe('rows of a table', () => {
  it('keep all digits of large integers, in whatever type they are', async () => {
    const big = ['9007199254740993', '9007199254740994', '123456789012345678901234567890'];
    await owner.query(
      'create table trades ("Symbol" text, trade numeric, at timestamptz, price numeric, seq int8, ids int8[], raw jsonb)',
    );
    for (const id of big) {
      const raw = `{"id": ${id}, "list": [${id}, 1.5]}`;
      const values = [id, new Date(NOW - 1_000), '9007199254740993', big[0], `{1,${big[1]}}`, raw];
      await owner.query("insert into trades values ('BTC', $1, $2, $3, $4, $5, $6)", values);
    }
    const { records } = await pageOf({ table: 'trades', id_column: 'trade' });
    await owner.query('drop table trades');
    assert.deepEqual(
      records.map(({ ordinal }) => ordinal),
      big,
    );
    assert.deepEqual(records[2]?.values, {
      price: 9007199254740992,
      seq: big[0],
      ids: [1, big[1]],
      raw: { id: big[2], list: [big[2], 1.5] },
    });
  });

  it('come oldest first, on pages that never end inside a millisecond', async () => {
    await owner.query(
      `insert into ticks ("Symbol", at, price)
       select 'BTC', to_timestamp($1::float8 / 1000) + (i / 7) * interval '1 millisecond' + (i % 7) * interval '10 microseconds', i + 1
       from generate_series(0, 249) i order by random()`,
      [NOW - 100_000],
    );
    const prices: unknown[] = [];
    for (let startMs: number | null = REQUEST.startMs; startMs !== null; ) {
      const page = await pageOf({}, { startMs });
      assert.ok(page.records.length <= 100);
      prices.push(...page.records.map(({ values }) => values.price));
      startMs = page.nextStartMs;
    }
    assert.deepEqual(
      prices,
      Array.from({ length: 250 }, (_, i) => i + 1),
    );
  });

  it('may keep their time in any type, and have their columns named', async () => {
    await owner.query(`create table times (a timestamp, b bigint, c double precision, d date, "Last" numeric);
      insert into times values (to_timestamp(${NOW / 1000 - 1}) at time zone 'UTC', ${(NOW - 1000) * 1000}, ${NOW / 1000 - 1}, current_date, 5)`);
    for (const [time_column, time_unit] of [
      ['a', 's'],
      ['b', 'us'],
      ['c', 's'],
    ] as const) {
      const options = {
        table: 'public.times',
        time_column,
        time_unit,
        subject_column: '',
        id_column: '',
        value_columns: 'price=Last',
      };
      const [page] = await provider(options, { subjects: ['BTC'] }).fetch(REQUEST);
      const [record] = page !== undefined && 'records' in page ? page.records : [];
      assert.deepEqual([record?.ts_event, record?.values], [NOW - 1000, { price: 5 }], time_column);
    }
  });

  it('may have times as numbers in several units; invalid ones are reported', async () => {
    const at = (second: number): number => NOW - 60_000 + second * 1000;
    await owner.query(`create table units ("Symbol" text, at numeric, id double precision, price numeric);
      insert into units values ('BTC', ${at(0) / 1000}, 1, 1), ('BTC', ${at(1)}, 2, 2), ('BTC', ${at(2)}000, 3, 3),
        ('BTC', ${at(3)}000999, 4, 4), ('BTC', 20261118, 5, 5), ('ETH', 17, 6, 6)`);
    const times = async (options: Record<string, string>) =>
      (await pageOf({ table: 'units', ...options }, { limit: 2 })).records.map(({ ts_event, ordinal }) => [
        ts_event,
        ordinal,
      ]);
    assert.deepEqual(await times({}), [
      [at(0), '1'],
      [at(1), '2'],
    ]);
    const [page] = await provider({ table: 'units' }).fetch({ ...REQUEST, startMs: at(2) });
    assert.deepEqual(page !== undefined && 'records' in page && page.records.map(({ ts_event }) => ts_event), [
      at(2),
      at(3),
    ]);
    const before = rejected.length;
    assert.deepEqual(await times({ time_unit: 'ms' }), [[at(1), '2']]);
    assert.deepEqual(rejected.slice(before), ['bad_time', 'bad_time', 'bad_time', 'bad_time']);
    assert.deepEqual(rejected.slice(0, before), ['bad_time', 'bad_time'], 'one a provider');
  });

  it('become JSON; garbage is rejected row by row', async () => {
    await insert('BTC', NOW - 3, 'NaN');
    await insert('BTC', NOW - 2, null);
    await owner.query(
      `insert into ticks ("Symbol", at, price, note) values ('BTC', to_timestamp(${(NOW - 1) / 1000}), 64000.10, '{"a": [1]}'), ('BTC', 'infinity', 1, null)`,
    );
    const { records } = await pageOf();
    assert.deepEqual(
      records.map(({ values }) => values),
      [{ price: 64000.1, note: { a: [1] }, 'odd "name': null }],
    );
    assert.deepEqual(rejected, ['not_a_number', 'missing_field']);
  });

  it('cannot be written to, and faults are reported without the password', async () => {
    const uri = server.url.replace(/\/\/([^:@]*)(:[^@]*)?@/, '//nobody:s3cret@');
    const errors: string[] = [];
    for (const options of [
      { table: 'nowhere' },
      { time_column: 'when' },
      { value_columns: 'cost' },
      { time_column: 'note' },
      { postgres_uri: uri },
    ]) {
      const [page] = await provider(options as Record<string, string>).fetch(REQUEST);
      errors.push(page !== undefined && 'error' in page ? `${page.error.name} ${page.error.message}` : 'no error');
    }
    assert.match(errors[0]!, /FeedUnusable expected a table or view "nowhere", found none/);
    assert.match(errors[1]!, /expected the columns when, found id, Symbol, at/);
    assert.match(errors[2]!, /expected the columns cost/);
    assert.match(errors[3]!, /time_column: expected a column of a time or number type, "note" is jsonb/);
    assert.match(errors[4]!, /FeedUnusable .*\*\*\*@/);
    assert.ok(
      errors.every((text) => !text.includes('s3cret')),
      errors.join('\n'),
    );
  });

  it('are configured by names that cannot become SQL', () => {
    for (const [option, value] of [
      ['table', 'ticks; drop table ticks'],
      ['table', 'a.b.c'],
      ['subject_column', 'a"b'],
      ['time_column', "a'b"],
      ['value_columns', 'a,b c'],
      ['notify_channel', 'x".y'],
      ['id_column', 'i'.repeat(64)],
    ] as const) {
      assert.throws(() => provider({ [option]: value }), new RegExp(`expected ${option}`), value);
    }
    assert.throws(() => provider({ postgres_uri: 'mysql://u:p@h/d' }), /received "\*\*\*"/);
    assert.throws(() => provider({ subject_column: '' }), /since there are several subjects/);
  });
});

describe('live rows', () => {
  it('come once each, even when every connection is ended', async () => {
    await insert('BTC', Date.now(), '1');
    listen(provider(), btcAndEth);
    await until(() => received.length === 1);
    await owner.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'crunch-node feed'`,
    );
    await insert('ETH', Date.now(), '2');
    await insert('BTC', Date.now(), '-3');
    await insert('BTC', Date.now(), '4');
    await until(() => received.length === 3);
    assert.deepEqual(received.map(({ values }) => values.price).sort(), [1, 2, 4]);
    assert.deepEqual(rejected, ['not_positive']);
  });

  it('come at once after a notification, long before the next poll', async () => {
    const patient = { ...clock, delay: systemProviderClock.delay };
    const options = { notify_channel: 'new_ticks', poll_seconds: '86400' };
    listen(postgresProvider(settings(options), reports, patient), btcAndEth);
    const listeners = async (): Promise<boolean> =>
      (await owner.query(`select 1 from pg_stat_activity where query like 'listen%'`)).rowCount === 1;
    await until(listeners);
    await insert('BTC', Date.now(), '1');
    await owner.query('notify new_ticks');
    await until(() => received.length === 1);
  });

  it('are read in sessions that cannot write', async () => {
    listen(provider({ notify_channel: 'new_ticks' }), btcAndEth);
    await insert('BTC', Date.now(), '1');
    await until(() => received.length === 1);
    await owner.query(`create or replace function sneaky() returns text language sql as
      $$ insert into ticks ("Symbol", at, price) values ('BTC', now(), 9) returning 'BTC' $$;
      create or replace view tricky as select sneaky() as "Symbol", now() as at, 1 as price, 1 as id`);
    const [page] = await provider({ table: 'tricky' }).fetch(REQUEST);
    assert.match(page !== undefined && 'error' in page ? page.error.message : '', /read-only transaction/);
  });

  it('come through a pooler as well; missing notifications are noticed and reported', { skip }, async () => {
    const options = { notify_channel: 'new_ticks' };
    const lending = await privatePgBouncer({ url: server.url });
    const whole = await privatePgBouncer({ url: server.url, poolMode: 'session' });
    try {
      const pooled = { ...options, postgres_uri: lending.url };
      await assert.rejects(checkPostgresFeed(settings(pooled)), /FeedUnusable|needs a session of the server/);
      assert.match(
        await checkPostgresFeed(settings({ ...options, postgres_uri: whole.url })),
        /^ticks of .* has price/,
      );
      await insert('BTC', Date.now(), '1');
      listen(provider(pooled), btcAndEth);
      await until(
        () => received.length === 1 && notices.some((text) => text.includes('needs a session of the server')),
      );
      await insert('BTC', Date.now(), '2');
      await until(() => received.length === 2);
    } finally {
      await end();
      await lending.stop();
      await whole.stop();
    }
  });
});
