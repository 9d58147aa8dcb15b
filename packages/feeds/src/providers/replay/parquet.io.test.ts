import assert from 'node:assert/strict';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  epochUnits,
  type FeedRecord,
  type FeedSettings,
  microsSql,
  PER_SECOND,
  readTime,
  timeUnits,
} from '@crunch-node/domain';
import type { DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import type { Rejection } from '../../validate-record.ts';
import { replayProvider } from './index.ts';

const START = Date.UTC(2024, 0, 1);
const MINUTE = 60_000;
const BAR = '1.0 as open, 2.0 as high, 0.5 as low, 1.5 as close, 3.0 as volume';
const FEED = `'binance' as source, 'BTCUSDT' as subject, 'candle' as kind, '1m' as granularity`;

let folder: string;
let duck: DuckDBConnection;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'parquet-'));
  const { DuckDBInstance } = await import('@duckdb/node-api');
  duck = await (await DuckDBInstance.create(':memory:')).connect();
  await duck.run(`set timezone = 'UTC'`);
});
after(async () => {
  duck.closeSync();
  await rm(folder, { recursive: true, force: true });
});

/** A file of that query below a folder of its own test. */
async function file(name: string, query: string): Promise<string> {
  const target = path.join(folder, name);
  await mkdir(path.dirname(target), { recursive: true });
  await duck.run(`copy (${query}) to '${target}' (format parquet)`);
  return target;
}

async function replay(data: string, more: Partial<FeedSettings> = {}, options: Record<string, string> = {}) {
  const [records, rejected, notices]: [FeedRecord[], Rejection[], string[]] = [[], [], []];
  const provider = replayProvider(
    {
      provider: 'replay',
      subjects: ['BTCUSDT'],
      kind: 'candle',
      granularity: '1m',
      window: 120,
      backfill_minutes: 180,
      ...more,
      options: { data, ...options },
    },
    { rejected: (one) => rejected.push(one), notice: (text) => notices.push(text) },
  );
  for await (const record of provider.records()) records.push(record);
  return { records, rejected, notices, minutes: records.map(({ ts_event }) => (ts_event - START) / MINUTE) };
}

describe('a Parquet file', () => {
  it('has a layout of its own in every file of a folder', async () => {
    const at = (minute: number): number => START + minute * MINUTE;
    await file('mixed/a.parquet', `select make_timestamptz(${at(0) * 1000}) as ts_event, ${FEED}, ${BAR}`);
    await file(
      'mixed/b.parquet',
      `select timestamp '2024-01-01 00:01:00' as TS_EVENT, ${FEED}, ${BAR}`.replaceAll('open', 'OPEN'),
    );
    await file('mixed/c.parquet', `select '2024-01-01T00:02:00Z' as ts_event, ${FEED}, ${BAR}`);
    await file('mixed/d.parquet', `select ${at(3)}::bigint as Ts_Event_Ms, ${FEED}, ${BAR}`);
    await file('mixed/e.parquet', `select ${at(4) * 1000}::bigint as ts_event_ms, ${FEED}, ${BAR}`);
    await file('mixed/f.parquet', `select ${at(5) / 1000}::double as ts_event_ms, ${FEED}, ${BAR}`);
    await file('mixed/g.parquet', `select '${at(6)}000000' as ts_event_ms, ${FEED}, ${BAR}`);
    await file('mixed/h.parquet', `select timestamp_ns '2024-01-01 00:07:00.000000001' as ts_event, ${FEED}, ${BAR}`);
    const { minutes, rejected, notices } = await replay(path.join(folder, 'mixed'));
    assert.deepEqual(minutes, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual(rejected, []);
    assert.deepEqual(
      notices.map((text) => text.split(':')[0]),
      ['ISO 8601 text', 'microseconds', 'seconds', 'nanoseconds'].map((unit) => `times are read as ${unit}`),
    );
  });

  it('loses only the file or row with a bad or missing time', async () => {
    await file('bad/good.parquet', `select ${START + MINUTE}::bigint as ts_event_ms, ${FEED}, ${BAR}`);
    const rows = await file(
      'bad/rows.parquet',
      `select ts_event, ${FEED}, ${BAR} from (values ('2024-01-01 00:02'), ('yesterday'), (null), ('7')) t(ts_event)`,
    );
    const none = await file('bad/none.parquet', `select 1 as moment, ${FEED}, ${BAR}`);
    const odd = await file('bad/odd.parquet', `select [1] as ts_event, ${FEED}, ${BAR}`);
    await writeFile(path.join(folder, 'bad/broken.parquet'), 'not Parquet');
    const { minutes, rejected } = await replay(path.join(folder, 'bad'));
    assert.deepEqual(minutes, [1, 2]);
    const named = rejected.map(({ reason, origin, detail }) => `${reason} ${path.basename(origin)}: ${detail}`).sort();
    assert.equal(named.length, 6);
    assert.match(named[0]!, /^bad_time rows.parquet, row 2: expected a time .* received "yesterday"/);
    assert.match(named[1]!, /row 3: .* received nothing/);
    assert.match(named[2]!, /row 4: .* received "7"/);
    assert.match(named[3]!, /^unreadable broken.parquet: cannot read/);
    assert.match(
      named[4]!,
      /^unreadable none.parquet: .*expected a time column, ts_event_ms or ts_event or open_time, received moment/,
    );
    assert.match(named[5]!, /^unreadable odd.parquet: .*received the type INTEGER\[\]/);
    for (const alone of [none, odd]) await assert.rejects(replay(alone), /NoReplayData|expected records in/);
    const { records } = await replay(rows, {}, { time_unit: 'iso' });
    assert.equal(records.length, 1);
    await assert.rejects(replay(rows, {}, { time_unit: 'ms' }), /in milliseconds .* looks like ISO 8601 text/);
  });

  it('is in UTC, whatever the zone of the process', async () => {
    await file('zone/1.parquet', `select timestamptz '2024-01-01 00:01:00+00' as ts_event, ${FEED}, ${BAR}`);
    await file('zone/2.parquet', `select timestamp '2024-01-01 00:02:00' as ts_event, ${FEED}, ${BAR}`);
    await file('zone/3.parquet', `select '2024-01-01 00:03:00' as ts_event, ${FEED}, ${BAR}`);
    const before = process.env.TZ;
    try {
      for (const zone of ['America/New_York', 'Asia/Kolkata']) {
        process.env.TZ = zone;
        assert.deepEqual((await replay(path.join(folder, 'zone'))).minutes, [1, 2, 3], zone);
      }
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
  });

  it('belongs to the feed in its columns, whatever its folders are called', async () => {
    const below = 'named/subject=ETHUSDT/granularity=10/close=7';
    await file(`${below}/a.parquet`, `select ${START}::bigint as ts_event_ms, ${FEED}, ${BAR}`);
    const { records } = await replay(path.join(folder, 'named'));
    assert.deepEqual([records[0]?.subject, records[0]?.values.close], ['BTCUSDT', 1.5]);
    for (const subject of ['10', 'EPOCH', 'NULL', '2024-01-01', 'a b']) {
      const parts = `source=binance/subject=${encodeURIComponent(subject)}/kind=candle/granularity=1m`;
      await file(`parts/${parts}/a.parquet`, `select ${START}::bigint as ts_event_ms, ${BAR}`);
      const found = await replay(path.join(folder, 'parts'), { subjects: [subject] });
      assert.deepEqual(
        found.records.map((one) => one.subject),
        [subject],
      );
    }
  });

  it('has the ids that CSV has', async () => {
    const ticks = { kind: 'tick', granularity: 'tick' };
    const rows = (id: string) => `select ${START}::bigint as ts_event_ms, 5.0 as price, ${id} as trade_id`;
    for (const [name, id] of Object.entries({
      double: '17::double',
      text: `'17'`,
      whole: '17::bigint',
      decimal: '17::decimal(9,2)',
    })) {
      const { records } = await replay(await file(`ids/binance_spot_btcusdt_trades_${name}.parquet`, rows(id)), ticks);
      assert.equal(records[0]?.ordinal, '17', name);
    }
    const meta = `select ${START}::bigint as ts_event_ms, '{"price": 5, "trade_id": 17.0}' as meta union all select ${START}::bigint, 'no JSON'`;
    const { records, rejected } = await replay(await file('ids/binance_spot_btcusdt_trades_meta.parquet', meta), ticks);
    assert.deepEqual([records[0]?.ordinal, records[0]?.values.price], ['17', 5]);
    assert.deepEqual(
      rejected.map(({ reason }) => reason),
      ['missing_field'],
    );
  });

  it('may have a name that is a glob pattern', async () => {
    const target = path.join(folder, 'binance_[spot]_btcusdt_1m_*?.parquet');
    await copyFile(await file('plain.parquet', `select ${START}::bigint as ts_event_ms, ${BAR}`), target);
    assert.deepEqual((await replay(target)).minutes, [0]);
  });
});

describe('times in SQL', () => {
  it('are those that rows are read with', async () => {
    const near = fc
      .tuple(
        fc.constantFrom(631_152_000, 1_704_067_200, 9_999_999_999, 1e10),
        fc.integer({ min: -2, max: 2 }),
        fc.constantFrom(...epochUnits),
      )
      .map(([seconds, off, unit]) => BigInt(seconds) * BigInt(PER_SECOND[unit]) + BigInt(off));
    const text = fc.oneof(
      near.map(String),
      fc.constantFrom(
        '2024-01-01',
        '2024-02-30',
        '2024-01-01T24:00',
        '1',
        '2024',
        'now',
        'epoch',
        '2024-01-01 10:00Z',
        '1.5e9',
        '.5',
        '',
      ),
      fc.constantFrom(
        '2024-01-01T10:00:00,5+0530',
        '2024-01-01t10:00:07.123456789z',
        '2024-01-01 00:00-08',
        '1989-12-31T23:59:59.9Z',
      ),
      fc.double({ min: 1e8, max: 1e20 }).map(String),
    );
    const samples = [...fc.sample(near, 150), ...fc.sample(text, 150)];
    await duck.run('create or replace temp table samples (place integer, t varchar, whole hugeint, float double)');
    for (const [place, value] of samples.entries()) {
      const [whole, float] = typeof value === 'bigint' ? [`${value}`, `${value}::double`] : ['null', 'null'];
      await duck.run(`insert into samples values (${place}, '${value}', ${whole}, ${float})`);
    }
    for (const unit of timeUnits) {
      const [t, whole, float] = [
        microsSql('t', 'VARCHAR', unit),
        microsSql('whole', 'HUGEINT', unit),
        microsSql('float', 'DOUBLE', unit),
      ];
      const reader = await duck.runAndReadAll(`select t, ${t}, ${whole}, float, ${float} from samples order by place`);
      for (const [written, micros, wholeMicros, double, doubleMicros] of reader.getRows()) {
        const ms = (value: unknown): number | null => {
          const read = readTime(value, unit);
          return 'ms' in read ? read.ms : null;
        };
        const milli = (value: unknown): number | null => (value === null ? null : Number((value as bigint) / 1000n));
        assert.equal(milli(micros), ms(written), `${unit} ${written}`);
        if (double === null) continue;
        assert.equal(milli(wholeMicros), ms(BigInt(written as string)), `${unit} whole ${written}`);
        assert.equal(milli(doubleMicros), ms(double), `${unit} double ${double}`);
      }
    }
  });
});
