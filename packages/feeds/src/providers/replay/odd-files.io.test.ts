import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { FeedRecord, FeedSettings } from '@crunch-node/domain';
import type { Rejection } from '../../validate-record.ts';
import { checkReplayData, replayProvider } from './index.ts';

const T = Date.UTC(2024, 0, 1);
const MINUTE = 60_000;
const NAMES = 'ts_event_ms,open,high,low,close,volume';
const bar = (minute: number): string => `${T + minute * MINUTE},1,2,0.5,1.5,3`;
const bars = (...minutes: number[]): string => minutes.map((minute) => `${bar(minute)}\n`).join('');
const FILE = 'binance_spot_btcusdt_1m_202401';
const KEYS = 'source,subject,kind,granularity';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'odd-'));
});
after(() => rm(folder, { recursive: true, force: true }));

let cases = 0;
/** Writes the files into a folder of their own. */
async function written(files: Readonly<Record<string, string>>): Promise<string> {
  const data = path.join(folder, String(++cases));
  await mkdir(data);
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(data, name), content);
  return data;
}
async function parquet(target: string, query: string): Promise<void> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const duck = await (await DuckDBInstance.create(':memory:')).connect();
  await duck.run(`copy (${query}) to '${target}' (format parquet)`);
  duck.closeSync();
}

async function replay(data: string, more: Partial<FeedSettings> = {}) {
  const [records, rejected]: [FeedRecord[], Rejection[]] = [[], []];
  const settings: FeedSettings = {
    provider: 'replay',
    subjects: ['BTCUSDT'],
    kind: 'candle',
    granularity: '1m',
    window: 120,
    backfill_minutes: 180,
    options: { data },
    ...more,
  };
  const provider = replayProvider(settings, { rejected: (one) => rejected.push(one), notice: () => undefined });
  for await (const record of provider.records()) records.push(record);
  return {
    rejected,
    records,
    minutes: records.map(({ ts_event }) => (ts_event - T) / MINUTE),
    faults: rejected.map(({ reason, origin }) => `${reason} ${path.basename(origin)}`).sort(),
  };
}
const TWO = { subjects: ['BTCUSDT', 'ETHUSDT'] };

describe('a file that is no feed data', () => {
  it('is rejected by name, and the others are read', async () => {
    const data = await written({
      [`${FILE}.csv`]: `${NAMES}\n${bars(0)}`,
      'binance_spot_ethusdt_1m_202401.csv': `${NAMES}\n${bars(1)}`,
      'notes.csv': 'to do\nbuy milk\n',
      'README.csv': '',
    });
    await parquet(path.join(data, 'other.parquet'), 'select 1 as a');
    const { minutes, faults, rejected } = await replay(data, TWO);
    assert.deepEqual(minutes, [0, 1]);
    assert.deepEqual(faults, ['unreadable README.csv', 'unreadable notes.csv', 'unreadable other.parquet']);
    assert.match(rejected.find(({ origin }) => origin.endsWith('README.csv'))?.detail ?? '', /is empty/);
  });
  it('ends the replay only when there is nothing else, by name', async () => {
    const data = await written({ 'notes.csv': 'a,b\n1,2\n', 'README.csv': '' });
    await assert.rejects(replay(data, TWO), /found none; .*README\.csv: is empty.*notes\.csv/);
    await assert.rejects(replay(await written({ [`${FILE}.csv`]: `${NAMES}\n` })), /no rows in .*202401\.csv/);
    await assert.rejects(replay(await written({ [`${FILE}.csv`]: '' })), /no rows in .*202401\.csv/);
    await assert.rejects(replay(await written({ 'k.csv': `${KEYS},${NAMES}\n` }), TWO), /k\.csv: has no rows/);
  });
});

describe('the check of data before a start', () => {
  const check = (data: string) =>
    checkReplayData({
      provider: 'replay',
      subjects: ['BTCUSDT'],
      kind: 'candle',
      granularity: '1m',
      window: 120,
      backfill_minutes: 180,
      options: { data, start: '2030-01-01' },
    });
  it('finds a record, whatever part of the data is configured', async () => {
    await check(await written({ [`${FILE}.csv`]: `${NAMES}\n${bars(0)}` }));
  });
  it('names data without a record once, in one line', async () => {
    const bad = await written({ [`${FILE}.csv`]: 'a,b,c\n1,2,3\n' });
    for (const [data, expected] of [
      [path.join(folder, 'missing.csv'), /found nothing there$/],
      [path.join(bad, `${FILE}.csv`), /expected the columns .* received a, b, c$/],
      [bad, /expected the columns .* received a, b, c$/],
    ] as const) {
      await assert.rejects(check(data), ({ name, message }: Error) => {
        assert.equal(name, 'NoReplayData');
        assert.match(message, expected);
        assert.deepEqual([message.split(data).length, message.split('\n').length], [2, 1], message);
        return true;
      });
    }
  });
});

describe('a row that names no feed', () => {
  const row = (source: string, subject: string, minute: number): string =>
    `${source},${subject},candle,1m,${bar(minute)}\n`;
  it('is rejected once, in CSV', async () => {
    const content = `${KEYS},${NAMES}\n${row('b', 'BTCUSDT', 0)}${row('', 'BTCUSDT', 1)}BTCUSDT\n${row('b', 'ETHUSDT', 2)}`;
    const { minutes, faults, rejected } = await replay(await written({ 'all.csv': content }), TWO);
    assert.deepEqual(minutes, [0, 2]);
    assert.deepEqual(faults, ['missing_field all.csv:3', 'missing_field all.csv:4']);
    assert.deepEqual(
      rejected.map(({ detail }) => detail),
      ['source', 'subject, kind, granularity'],
    );
    const none = await written({ 'none.csv': `${KEYS},${NAMES}\n${row('', 'BTCUSDT', 1)}` });
    await assert.rejects(replay(none), /none\.csv: expected source, .* found none from line 2/);
  });
  it('is rejected once, in Parquet', async () => {
    const data = await written({});
    const feeds = `values ('b', 'BTCUSDT', 0), (null, 'BTCUSDT', 1), ('b', '', 2), ('b', 'ETHUSDT', 3)`;
    await parquet(
      path.join(data, 'all.parquet'),
      `select source, subject, 'candle' as kind, '1m' as granularity, ${T}::bigint + m * 60000 as ts_event_ms,
       1.0 as open, 2.0 as high, 0.5 as low, 1.5 as close, 3.0 as volume from (${feeds}) t(source, subject, m)`,
    );
    const { minutes, faults } = await replay(data, TWO);
    assert.deepEqual(minutes, [0, 3]);
    assert.deepEqual(faults, ['missing_field all.parquet, row 2', 'missing_field all.parquet, row 3']);
  });
});

describe('the first lines of a CSV file', () => {
  const kline = (minute: number): string => `${bar(minute)},${T + minute * MINUTE + 59_999},1,7,1,1,0\n`;
  for (const [what, content, bad] of [
    ['a torn row', `5,15.1,7\n${kline(0)}${kline(1)}`, [1]],
    ['a torn row with names', `rue,True\n${kline(0)}${kline(1)}`, [1]],
    ['a remark', `# exported, by me, today\n${NAMES}\n${bars(0, 1)}`, [1]],
    ['a remark above a bare file', `# exported\n${kline(0)}${kline(1)}`, [1]],
    ['a title and an empty line', `Prices of BTC\n\n${NAMES}\n${bars(0, 1)}`, [1]],
    ['a separator', `sep=;\n${`${NAMES}\n${bars(0, 1)}`.replaceAll(',', ';')}`, [1]],
    ['a remark above semicolons', `# x, y\n${`${NAMES}\n${bars(0, 1)}`.replaceAll(',', ';')}`, [1]],
    ['a bad header in the middle', `${NAMES}\n${bars(0)}ts_event_ms,open,high,low,close\n${bars(1)}`, [3]],
  ] as const) {
    it(`may hold ${what}`, async () => {
      const { minutes, faults } = await replay(await written({ [`${FILE}.csv`]: content }));
      assert.deepEqual(minutes, [0, 1]);
      assert.deepEqual(
        faults,
        bad.map((line) => `unreadable ${FILE}.csv:${line}`),
      );
    });
  }
  it('do not lead to guessed columns below unknown names', async () => {
    const data = await written({ [`${FILE}.csv`]: `date,o,h,l,c,v\n${bars(0, 1)}` });
    await assert.rejects(replay(data), /expected the columns ts_event_ms, open.* received date, o, h/);
  });
  it('may be above columns that name the feeds', async () => {
    const content = `# all\n${KEYS},${NAMES}\nb,BTCUSDT,candle,1m,${bar(0)}\n`;
    const { minutes, faults } = await replay(await written({ 'all.csv': content }));
    assert.deepEqual([minutes, faults], [[0], ['unreadable all.csv:1']]);
  });
});

describe('a number', () => {
  it('is read in base ten only', async () => {
    const odd = ['0x1', '0b1', '0O1'].map((open, i) => bar(i + 1).replace(',1,', `,${open},`));
    const data = await written({ [`${FILE}.csv`]: `${NAMES}\n${bars(0)}${odd.join('\n')}\n` });
    const { minutes, rejected } = await replay(data);
    assert.deepEqual(minutes, [0]);
    assert.deepEqual(
      rejected.map(({ reason }) => reason),
      Array(3).fill('not_a_number'),
    );
  });
});

describe("an exchange's names in Parquet", () => {
  it('are those in CSV', async () => {
    const data = await written({});
    await parquet(
      path.join(data, `${FILE}.parquet`),
      `select ${T + 1}::bigint as Open_Time, 1.0 as Open, 2.0 as High, 0.5 as Low, 1.5 as Close, 3.0 as Volume`,
    );
    const { minutes, records, rejected } = await replay(data);
    assert.deepEqual([minutes, rejected, records[0]?.metadata], [[0], [], { exact_open_ms: T + 1 }]);
    const ticks = { kind: 'tick', granularity: 'tick' };
    for (const [place, names] of [
      ['17 as id', 'time'],
      ['17 as AGG_TRADE_ID', 'transact_time'],
    ].entries()) {
      const trades = await written({});
      const [id, time] = names;
      const amount = place === 0 ? 'qty' : 'Quantity';
      await parquet(
        path.join(trades, 'binance_spot_btcusdt_trades_1.parquet'),
        `select ${id}, 5.0 as price, 2.0 as ${amount}, ${T}::bigint as ${time}`,
      );
      const [record] = (await replay(trades, ticks)).records;
      assert.deepEqual([record?.ordinal, record?.values], ['17', { price: 5, qty: 2 }]);
    }
  });
});

it('a Parquet file may have a column that is called like its row numbers', async () => {
  const data = await written({});
  const row = (minute: number, open: number): string =>
    `select ${T + minute * MINUTE}::bigint as ts_event_ms, ${open} as open, 2.0 as high, 0.5 as low, 1.5 as close,
     3.0 as volume, 99 as File_Row_Number, 1 as file_row_number_`;
  const rows = [row(2, 1), row(0, 1), row(1, -1)].join(' union all ');
  await parquet(path.join(data, `${FILE}.parquet`), rows);
  const { minutes, faults } = await replay(data);
  assert.deepEqual([minutes, faults], [[0, 2], [`not_positive ${FILE}.parquet, row 3`]]);
  const feeds = `'b' as source, 'BTCUSDT' as subject, 'candle' as kind`;
  await parquet(
    path.join(data, 'keyed.parquet'),
    `select *, ${feeds}, case when open < 0 then null else '1m' end as granularity from (${rows})`,
  );
  const keyed = await replay(path.join(data, 'keyed.parquet'));
  assert.deepEqual([keyed.minutes, keyed.faults], [[0, 2], ['missing_field keyed.parquet, row 3']]);
});
