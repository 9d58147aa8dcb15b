import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { FeedRecord, FeedSettings } from '@crunch-node/domain';
import { zipOf } from '../../testing/zip.ts';
import type { Rejection } from '../../validate-record.ts';
import { keyFromName } from './file-name.ts';
import { describeReplayData, replayProvider } from './index.ts';

const T = Date.UTC(2024, 0, 1);
const MINUTE = 60_000;
const kline = (openMs: number, unit = 1, close = 1.5): string =>
  `${openMs * unit},1.0,2.0,0.5,${close},10.5,${(openMs + 59_999) * unit},15.1,7,5.1,7.2,0`;
const BAR = { open: 1, high: 2, low: 0.5, close: 1.5, volume: 10.5 };
const trade = (id: string, ms: number, unit = 1): string => `${id},100.5,0.25,25.1,${ms * unit},True,True`;
const aggTrade = (id: string, ms: number, unit = 1): string => `${id},100.5,0.25,7,9,${ms * unit},true,True`;

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'published-'));
});
after(() => rm(folder, { recursive: true, force: true }));
async function file(name: string, content: string | Buffer): Promise<string> {
  const target = path.join(folder, name);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, content);
  return target;
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
  return { records, rejected };
}
const ticks = { kind: 'tick', granularity: 'tick' };

describe('files as Binance publishes them', () => {
  it('are candles without a header, zipped or not, in milliseconds or microseconds', async () => {
    const plain = [0, 1, 2].map((i) => kline(T + i * MINUTE)).join('\n');
    const micros = [3, 4, 5].map((i) => kline(T + i * MINUTE, 1000)).join('\r\n');
    const header =
      'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore';
    await file('k/BTCUSDT-1m-2024-01.zip', zipOf({ 'BTCUSDT-1m-2024-01.csv': `${plain}\n` }));
    await file('k/BTCUSDT-1m-2024-02-01.csv', micros);
    await file('k/BTCUSDT-1m-2024-02-02.csv.gz', gzipSync(`${header}\n${kline(T + 6 * MINUTE)}\n`));
    await file('k/BTCUSDT-1m-2024-01.zip.CHECKSUM', 'abc');
    await file('k/photos.zip', 'not ours');
    const { records, rejected } = await replay(path.join(folder, 'k'));
    assert.deepEqual(rejected, []);
    assert.deepEqual(
      records.map(({ ts_event, source, values }) => [(ts_event - T) / MINUTE, source, values]),
      [0, 1, 2, 3, 4, 5, 6].map((i) => [i, 'binance', BAR]),
    );
    assert.equal(records[0]?.at, '2024-01-01T00:01:00.000000Z');
  });

  it('are single and aggregated trades, ids by their digits', async () => {
    const ids = ['9007199254740993', '9007199254740994', '9007199254740995'];
    const single = await file('t/BTCUSDT-trades-2024-01-01.csv', ids.map((id) => trade(id, T)).join('\n'));
    const aggregated = await file(
      'a/BTCUSDT-aggTrades-2024-01-01.zip',
      zipOf({ 'BTCUSDT-aggTrades-2024-01-01.csv': ids.map((id) => aggTrade(id, T, 1000)).join('\n') }),
    );
    const futures = await file(
      'data/futures/um/daily/aggTrades/BTCUSDT/BTCUSDT-aggTrades-2024-01-02.csv',
      `agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker\n${ids.map((id) => `${id},100.5,0.25,7,9,${T},true`).join('\n')}\n`,
    );
    const older = await file(
      'f/BTCUSDT-trades-2024-01-02.csv',
      `id,price,qty,quote_qty,time,is_buyer_maker\n${ids.map((id) => `${id},100.5,0.25,25,${T},true`).join('\n')}\n`,
    );
    for (const [data, source] of [
      [single, 'binance'],
      [aggregated, 'binance'],
      [futures, 'binance_usdm'],
      [older, 'binance'],
    ] as const) {
      const { records, rejected } = await replay(data, ticks);
      assert.deepEqual(rejected, []);
      assert.deepEqual(
        records.map(({ ordinal, ts_event, values, source: from }) => [ordinal, ts_event, values, from]),
        ids.map((id) => [id, T, { price: 100.5, qty: 0.25 }, source]),
        data,
      );
    }
  });

  it('may have minutes off the grid: the first one of an interval counts', async () => {
    const rows = [T, T + MINUTE + 1_683, T + 2 * MINUTE + 59_999, T + 3 * MINUTE, T + 3 * MINUTE + 500];
    const data = await file('grid/BTCUSDT-1m-2017-08.csv', rows.map((ms) => kline(ms)).join('\n'));
    const { records, rejected } = await replay(data);
    assert.deepEqual(
      records.map(({ ts_event, metadata }) => [(ts_event - T) / MINUTE, metadata?.exact_open_ms]),
      [
        [0, undefined],
        [1, rows[1]],
        [2, rows[2]],
        [3, undefined],
      ],
    );
    assert.deepEqual(
      rejected.map(({ reason }) => reason),
      ['duplicate'],
    );
  });

  it('lose only bad lines, which are reported', async () => {
    const rows = [kline(T), 'garbage', kline(T + MINUTE), `${kline(T + 2 * MINUTE)},`, '1,2', kline(T + 3 * MINUTE)];
    const data = await file('bad/BTCUSDT-1m-2024-03.zip', zipOf({ 'x.csv': rows.join('\n') }));
    const { records, rejected } = await replay(data);
    assert.equal(records.length, 4);
    assert.deepEqual(
      rejected.map(({ reason, origin }) => [reason, path.basename(origin)]),
      [
        ['bad_time', 'BTCUSDT-1m-2024-03.zip:2'],
        ['bad_time', 'BTCUSDT-1m-2024-03.zip:5'],
      ],
    );
    const two = await file('bad/ETHUSDT-1m-2024-03.zip', zipOf({ 'x.csv': kline(T), 'y.csv': kline(T) }));
    await assert.rejects(replay(two, { subjects: ['ETHUSDT'] }), /expected one \.csv file in it, found x\.csv, y\.csv/);
    const cut = await file('bad/SOLUSDT-1m-2024-03.zip', zipOf({ 'x.csv': kline(T) }).subarray(0, 60));
    await assert.rejects(replay(cut, { subjects: ['SOLUSDT'] }), /cannot read .*SOLUSDT-1m-2024-03\.zip/);
  });

  it('have their feed in their names', () => {
    const btc = { source: 'binance', subject: 'BTCUSDT' };
    for (const [name, key] of [
      ['BTCUSDT-1m-2024-01.zip', { ...btc, kind: 'candle', granularity: '1m' }],
      ['BTCUSDT-1s-2024-01-31.csv', { ...btc, kind: 'candle', granularity: '1s' }],
      ['BTCUSDT-trades-2024-01-01.csv', { ...btc, kind: 'tick', granularity: 'tick' }],
      [
        '/x/futures/cm/daily/aggTrades/BTCUSD_PERP-aggTrades-2024-01-01.zip',
        { source: 'binance_coinm', subject: 'BTCUSD_PERP', kind: 'tick', granularity: 'tick' },
      ],
      [
        '1000SHIBUSDT-4h-2024-01.csv.gz',
        { source: 'binance', subject: '1000SHIBUSDT', kind: 'candle', granularity: '4h' },
      ],
      ['BTCUSDT-bookDepth-2024-01-01.zip', {}],
      ['notes-1m-draft.csv', {}],
    ] as const) {
      assert.deepEqual(keyFromName(name), key, name);
    }
  });
});

describe('rows of a CSV file', () => {
  it('are read by the columns of their header, whatever their order, separator and line ends', async () => {
    const rows = [
      '\ufeff"volume";"TS_EVENT_MS";"open";"high";"low";"close";"note"',
      `1;${T};2;3;1;2;"a ""quoted""; note"`,
      `"1";"${T + MINUTE}";"2";"3";"1";"2";""`,
      `1;${T + 2 * MINUTE};2;3;1;2;"never closed`,
      `1;${T + 3 * MINUTE};2;3;1;2;x;too;many`,
      'ts_event_ms;open;high;low;close;volume',
      `${T + 4 * MINUTE};2;3;1;2;7`,
      '',
      ' ',
    ];
    const data = await file('own/x_spot_btcusdt_1m_x.csv', rows.join('\r\n'));
    const { records, rejected } = await replay(data);
    assert.deepEqual(
      records.map(({ ts_event, values }) => [(ts_event - T) / MINUTE, values.volume]),
      [
        [0, 1],
        [1, 1],
        [2, 1],
        [4, 7],
      ],
    );
    assert.deepEqual(
      rejected.map(({ origin, detail }) => [path.basename(origin), detail]),
      [['x_spot_btcusdt_1m_x.csv:5', 'expected 7 cells, received 9']],
    );
  });

  it('may name their feeds, of which one file holds several', async () => {
    const row = (subject: string, i: number): string =>
      `2024-01-01T00:0${i}:00Z,mine,${subject},candle,1m,1,1,1,1,0,"{""n"":9007199254740993,""_record_meta"":{""a"":1}}",`;
    const data = await file(
      'export/download.csv',
      `ts_event,source,subject,kind,granularity,open,high,low,close,volume,meta,price\n${[row('AAA', 0), row('BBB', 0), row('AAA', 1)].join('\n')}\n`,
    );
    assert.deepEqual(
      (await describeReplayData([data])).map(({ key }) => key.subject),
      ['AAA', 'BBB'],
    );
    const { records, rejected } = await replay(data, { subjects: ['AAA'] });
    assert.deepEqual(rejected, []);
    assert.deepEqual(
      records.map(({ at }) => at.slice(14, 16)),
      ['01', '02'],
    );
    assert.deepEqual(records[0]?.values.n, '9007199254740993');
    assert.deepEqual(records[0]?.metadata, { a: 1 });
  });
});

describe('ids in Parquet', () => {
  it('keep all their digits, in whatever type of integer', async () => {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    for (const type of ['bigint', 'ubigint', 'decimal(38, 0)', 'varchar']) {
      const target = path.join(folder, `x_spot_btcusdt_trades_${type.replace(/\W/g, '')}.parquet`);
      const id = `(9007199254740990::hugeint + i)::${type}`;
      await connection.run(
        `copy (select ${T} as ts_event_ms, ${id} as trade_id, 1.5 as price from range(3, 8) rows(i)) to '${target}' (format parquet)`,
      );
      const { records } = await replay(target, ticks);
      assert.deepEqual(
        records.map(({ ordinal }) => ordinal),
        [3, 4, 5, 6, 7].map((n) => `900719925474099${n}`),
        type,
      );
    }
    connection.closeSync();
  });
});
