import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { FeedRecord, FeedSettings } from '@crunch-node/domain';
import { byAtAndKey } from '../../record.ts';
import type { Rejection } from '../../validate-record.ts';
import { describeReplayData, replayProvider } from './index.ts';

const settings = (
  data: string,
  more: Partial<FeedSettings> = {},
  options: Record<string, string> = {},
): FeedSettings => ({
  provider: 'replay',
  subjects: ['BTCUSDT'],
  kind: 'candle',
  granularity: '1m',
  window: 120,
  backfill_minutes: 180,
  ...more,
  options: { data, ...options },
});

async function replay(
  given: FeedSettings,
): Promise<{ records: FeedRecord[]; rejected: Rejection[]; notices: string[] }> {
  const [records, rejected, notices]: [FeedRecord[], Rejection[], string[]] = [[], [], []];
  const provider = replayProvider(given, {
    rejected: (rejection) => rejected.push(rejection),
    notice: (_, facts) => notices.push(String(facts.feed)),
  });
  for await (const record of provider.records()) records.push(record);
  return { records, rejected, notices };
}

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'replay-'));
});
after(() => rm(folder, { recursive: true, force: true }));
async function file(name: string, content: string | Buffer): Promise<string> {
  const target = path.join(folder, name);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, content);
  return target;
}
const HEADER = 'ts_event_ms,open,high,low,close,volume\n';
const START = Date.UTC(2024, 0, 1);
/** The rows so many milliseconds after the start. */
const later = (rows: string): string => rows.replace(/^("?)(\d+)/gm, (_, quote, ms) => `${quote}${START + Number(ms)}`);
const minutes = (records: readonly FeedRecord[]): number[] =>
  records.map(({ ts_event }) => (ts_event - START) / 60_000);

describe('replaying CSV', () => {
  it('reports every row that is no record with its reason, and continues', async () => {
    const data = await file(
      'faulty/binance_spot_btcusdt_1m_202401.csv',
      HEADER +
        later(
          `${[
            '60000,1,2,0.5,1.5,10',
            '120000,1,2,,1.5,10',
            '180000,1,NaN,0.5,1.5,10',
            '240000,0,2,0.5,1.5,10',
            '300000,-1,2,0.5,1.5,10',
            '360000,1,0.4,0.5,1.5,10',
            '420001,1,2,0.5,1.5,10',
            '480000,1,2,0.5',
            'yesterday,1,2,0.5,1.5,10',
            '540000,1,2,"0.5,1.5',
            '"600000","1",2,0.5,1.5,10',
          ].join('\n')}\n`,
        ),
    );
    const { records, rejected } = await replay(settings(data));
    assert.deepEqual(minutes(records), [1, 10]);
    assert.deepEqual(
      rejected.map(({ reason }) => reason),
      [
        'missing_field',
        'not_a_number',
        'not_positive',
        'not_positive',
        'high_below_low',
        'off_grid',
        'missing_field',
        'bad_time',
        'not_a_number',
      ],
    );
    assert.match(rejected[0]!.origin, /202401\.csv:3$/);
  });

  it('keeps the first of two equal records and rejects one older than its predecessor', async () => {
    const data = await file(
      'order/binance_spot_btcusdt_1m_202401.csv',
      HEADER + later('60000,1,1,1,1,0\n180000,3,3,3,3,0\n120000,2,2,2,2,0\n180000,9,9,9,9,0\n240000,4,4,4,4,0\n'),
    );
    const { records, rejected } = await replay(settings(data));
    assert.deepEqual(minutes(records), [1, 3, 4]);
    assert.equal(records[1]?.values.close, 3);
    assert.deepEqual(
      rejected.map(({ reason }) => reason),
      ['out_of_order', 'duplicate'],
    );
  });

  it('merges files by time and then by feed, whatever order they are given in', async () => {
    const bars = later([1, 2, 3].map((minute) => `${minute * 60_000},1,1,1,1,0`).join('\n'));
    const eth = await file('merge/binance_spot_ethusdt_1m_x.csv.gz', gzipSync(HEADER + bars));
    const btc = await file('merge/binance_spot_btcusdt_1m_x.csv', HEADER + bars);
    const subjects = { subjects: ['ETHUSDT', 'BTCUSDT'] };
    const { records } = await replay(settings(`${eth},${btc}`, subjects));
    assert.deepEqual(records.map(({ subject }) => subject[0]).join(''), 'BEBEBE');
    assert.deepEqual(await replay(settings(path.join(folder, 'merge'), subjects)), {
      records,
      rejected: [],
      notices: [],
    });
  });

  it('gives one record for each time of overlapping files', async () => {
    const first = await file(
      'overlap/binance_spot_btcusdt_1m_a.csv',
      HEADER + later('60000,1,1,1,1,0\n120000,1,1,1,1,0\n'),
    );
    const second = await file(
      'overlap/binance_spot_btcusdt_1m_b.csv',
      HEADER + later('120000,2,2,2,2,0\n180000,2,2,2,2,0\n'),
    );
    const { records, rejected } = await replay(settings(`${first}, ${second}`));
    assert.deepEqual(
      records.map(({ values }) => values.close),
      [1, 1, 2],
    );
    assert.equal(rejected.length, 1);
  });

  it('plays only the configured stretch', async () => {
    const day = 86_400_000;
    const rows = [0, 1, 2, 3].flatMap((d) => [d * day + 60_000, d * day + day / 2]).map((ms) => `${ms},1,1,1,1,0`);
    const data = await file('limits/binance_spot_btcusdt_1m_x.csv', HEADER + later(rows.join('\n')));
    const days = async (options: Record<string, string>): Promise<number[]> =>
      (await replay(settings(data, {}, options))).records.map(({ ts_event }) => (ts_event - START) / day);
    assert.equal((await days({ days: '2' })).length, 4);
    assert.deepEqual(await days({ start: '2024-01-02', end: '2024-01-02T12:00' }), [1 + 60_000 / day]);
    assert.deepEqual(await days({ start: '2024-01-03', days: '0.75' }), [2 + 60_000 / day, 2.5]);
  });

  it('reads each time by its type and magnitude, and reports invalid ones', async () => {
    const times = [
      String(START),
      `${START + 60_000}000`,
      `${START / 1000 + 120}`,
      `${START + 180_000}000000`,
      '2024-01-01 00:04',
    ];
    const rows = [...times, '20261118', '1', '', `${START + 300_000}.0`].map((time) => `${time},1,1,1,1,0`);
    const data = await file('units/binance_spot_btcusdt_1m_x.csv', HEADER + rows.join('\n'));
    const { records, rejected } = await replay(settings(data));
    assert.deepEqual(minutes(records), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(
      rejected.map(({ reason, origin }) => `${reason} ${origin.split(':').at(-1)}`),
      ['bad_time 7', 'bad_time 8', 'bad_time 9'],
    );
    const strict = await replay(settings(data, {}, { time_unit: 'ms' }));
    assert.deepEqual(minutes(strict.records), [0, 5]);
    assert.match(strict.rejected[0]!.detail, /in milliseconds .* looks like microseconds/);
    await assert.rejects(
      replay(settings(await file('units/none_spot_btcusdt_1m_x.csv', `${HEADER}7,1,1,1,1,0\n`))),
      /found none; the first fault: .*none_spot_btcusdt_1m_x\.csv:2: expected a time .* received "7"/,
    );
  });

  it('continues with the others when a file cannot be read, and takes strict times only', async () => {
    const bad = await file('others/binance_spot_btcusdt_1m_a.csv', 'time,price\n1,2\n');
    const good = await file('others/binance_spot_btcusdt_1m_b.csv', HEADER + later('60000,1,1,1,1,0\n'));
    const { records, rejected } = await replay(settings(`${bad},${good}`));
    assert.deepEqual(minutes(records), [1]);
    assert.deepEqual(
      rejected.map(({ reason, origin }) => [reason, origin]),
      [['unreadable', bad]],
    );
    for (const start of ['1', '2024', '2024-02-30', '20240101', 'Jan 1, 2024', '2024-01-01T24:00']) {
      assert.throws(() => replayProvider(settings(good, {}, { start })), /expected start to be a time \(UTC\)/, start);
    }
    assert.equal((await replay(settings(good, {}, { start: '2023-12-31T19:02-05:00' }))).records.length, 0);
  });

  it('reports what is wrong with its files', async () => {
    const columns = await file('wrong/binance_spot_btcusdt_1m_x.csv', 'time,price\n1,2\n');
    await assert.rejects(replay(settings(columns)), /expected the columns ts_event_ms, open.*received time, price/);
    await assert.rejects(replay(settings(path.join(folder, 'nowhere'))), /found nothing there/);
    await assert.rejects(replay(settings(await file('wrong/notes.txt', ''))), /expected a \.csv/);
    const broken = await file('wrong/binance_spot_btcusdt_1m_y.csv.gz', 'no gzip at all');
    await assert.rejects(replay(settings(broken)), /cannot read .*_y\.csv\.gz/);
    await assert.rejects(
      replay(settings(columns, { subjects: ['SOLUSDT', 'BTCUSDT'] })),
      /for SOLUSDT, found binance:BTCUSDT/,
    );
    assert.throws(() => replayProvider(settings(columns, { granularity: '7m' })), { name: 'UnknownGranularity' });
    assert.throws(() => replayProvider(settings('')), /expected data to be one or more files or folders/);
  });
});

describe('replaying Parquet', () => {
  it('reads the archive, its feeds distinguished by columns, its days in order', async () => {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    for (const day of [2, 1]) {
      await connection.run(`copy (
        select make_timestamptz(2024, 1, ${day}, 0, i::int, 0) as ts_event, 'binance' as source, subject, 'candle' as kind,
          '1m' as granularity, 1.25 + i as open, 2.5 + i as high, 0.1 + i as low, 1.3 + i as close,
          case when i = 2 then null else 0.30000000000000004 end as volume, '{}' as meta
        from range(0, 3) minutes(i), (values ('BTCUSDT'), ('ETHUSDT')) feeds(subject)
      ) to '${path.join(folder, `archive-${day}.parquet`)}' (format parquet)`);
    }
    connection.closeSync();
    const data = [2, 1].map((day) => path.join(folder, `archive-${day}.parquet`)).join(',');
    const { records, rejected, notices } = await replay(settings(data));
    assert.deepEqual(
      records.map(({ at }) => at.slice(8, 16)),
      ['01T00:01', '01T00:02', '02T00:01', '02T00:02'],
    );
    assert.deepEqual(records[0]?.values, { open: 1.25, high: 2.5, low: 0.1, close: 1.3, volume: 0.30000000000000004 });
    assert.deepEqual(
      rejected.map(({ reason }) => reason),
      ['missing_field', 'missing_field'],
    );
    assert.deepEqual(notices, ['binance:ETHUSDT:candle:1m']);
  });
});

const market = path.resolve(process.env.CRUNCH_DATA_DIR ?? '../shared/data', 'market');
const skip = existsSync(market) ? false : `no recorded market data at ${market}: set CRUNCH_DATA_DIR to test on it`;

describe('replaying recorded markets', { skip }, () => {
  const name = (file: string): string => path.join(market, file);

  it('gives two days of two assets in order, complete', async () => {
    const data = ['eth', 'btc'].map((asset) => name(`binance_spot_${asset}usdt_1m_202401.csv.gz`)).join(',');
    const { records, rejected } = await replay(settings(data, { subjects: ['BTCUSDT', 'ETHUSDT'] }, { days: '2' }));
    assert.equal(records.length, 2 * 2_880);
    assert.deepEqual(rejected, []);
    assert.deepEqual(records, [...records].sort(byAtAndKey));
    assert.equal(records[0]?.at, '2024-01-01T00:01:00.000000Z');
    assert.deepEqual(records[0]?.values, {
      open: 42283.58,
      high: 42298.62,
      low: 42261.02,
      close: 42298.61,
      volume: 35.92724,
    });
  });

  it('distinguishes trades that share a millisecond', async () => {
    const { records, rejected } = await replay(
      settings(name('binance_spot_ethusdt_trades_20240808.csv.gz'), {
        subjects: ['ETHUSDT'],
        kind: 'tick',
        granularity: 'tick',
      }),
    );
    assert.equal(records.length, 6_106);
    assert.deepEqual(rejected, []);
    assert.equal(records[0]?.ordinal, '1520538925');
    assert.equal(records[0]?.at, '2024-08-08T23:54:15.611000Z');
  });

  it('describes a folder', async () => {
    const feeds = (await describeReplayData([market])).map(
      ({ key }) => `${key.source} ${key.subject} ${key.granularity}`,
    );
    assert.equal(feeds.length, 15);
    assert.ok(feeds.includes('coinbase BTCEUR 1m'));
  });
});
