import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { tempDir } from '@crunch-node/embedded';
import { tableFromIPC } from 'apache-arrow';
import { type Duck, openDuck } from '../duck.ts';
import { candleAt, FEED, tickAt } from '../testing/records.ts';
import type { StreamedFormat } from './answer-formats.ts';
import { type FeedArchive, openFeedArchive } from './archive.ts';
import { DAY_MS } from './places.ts';
import { type ArchiveQuestion, LimitTooSmall } from './query.ts';
import { bufferDays } from './writer.ts';

const DAY = Date.parse('2024-01-02T00:00:00Z');
const MINUTE = 60_000;
const TICKS = { ...FEED, kind: 'tick', granularity: '1s' };

describe('reading the archive', () => {
  let folder: Awaited<ReturnType<typeof tempDir>>;
  let root: string;
  let duck: Duck;
  let archive: FeedArchive;
  const unreadable: string[] = [];
  before(async () => {
    folder = await tempDir('crunch-read-');
    root = join(folder.path, 'archive');
    duck = openDuck(root, { threads: 1, memoryMb: 256 });
    const buffer = bufferDays(duck, root);
    buffer.add(
      Array.from({ length: 3_000 }, (_, i) => candleAt(DAY + i * MINUTE, i + 0.5, i === 1 ? { 'a "b",\n': 'ü' } : {})),
    );
    await buffer.flush();
    buffer.add([tickAt(DAY + 1, 5, '1'), tickAt(DAY + 1, 6, '2'), tickAt(DAY + 2, 7, '3')]);
    await buffer.flush();
    archive = openFeedArchive({ root, onUnreadable: (path) => unreadable.push(path) });
  });
  after(async () => {
    await archive.close();
    duck.close();
    await folder.remove();
  });

  async function answer(question: Partial<ArchiveQuestion>, format: StreamedFormat) {
    const plan = await archive.plan({ feed: FEED, limit: 1_000_000, ...question });
    const pieces: Uint8Array[] = [];
    for await (const bytes of archive.bytes(plan, format)) pieces.push(bytes);
    return { plan, bytes: Buffer.concat(pieces) };
  }

  it('returns CSV', async () => {
    const { bytes, plan } = await answer({ endMicros: (DAY + MINUTE) * 1000 }, 'csv');
    assert.equal(plan.rows, 2);
    assert.equal(
      bytes.toString(),
      'ts_event,source,subject,kind,granularity,open,high,low,close,volume,meta,price\n' +
        '2024-01-02T00:00:00Z,binance,BTCUSDT,candle,1m,0.5,0.5,0.5,0.5,1.0,{},\n' +
        '2024-01-02T00:01:00Z,binance,BTCUSDT,candle,1m,1.5,1.5,1.5,1.5,1.0,"{""a \\""b\\"",\\n"":""ü""}",\n',
    );
  });

  it('returns JSON', async () => {
    const { bytes } = await answer(
      { columns: ['ts_event', 'close', 'price'], startMicros: (DAY + 2_998 * MINUTE) * 1000 },
      'json',
    );
    assert.deepEqual(JSON.parse(bytes.toString()), [
      { ts_event: '2024-01-04T01:58:00Z', close: 2998.5, price: null },
      { ts_event: '2024-01-04T01:59:00Z', close: 2999.5, price: null },
    ]);
    const none = await answer({ startMicros: (DAY + 30 * DAY_MS) * 1000 }, 'json');
    assert.deepEqual(JSON.parse(none.bytes.toString()), []);
    const ticks = await answer({ feed: TICKS, columns: ['ts_event', 'price'] }, 'json');
    assert.deepEqual(JSON.parse(ticks.bytes.toString())[2], { ts_event: '2024-01-02T00:00:00.002000Z', price: 7 });
  });

  it('reads files of other producers, and distinguishes those without a time from empty ones', async () => {
    const feed = { ...FEED, subject: 'ODDUSDT' };
    const place = join(root, 'binance/ODDUSDT/candle/1m');
    await mkdir(place, { recursive: true });
    const connection = await duck.connect();
    const bar = '1.5 as OPEN, 1.5 as high, 1.5 as low, 1.5 as close';
    const write = (day: string, select: string) =>
      connection.run(`copy (select ${select}, ${bar}) to '${place}/2024-01-${day}.parquet' (format parquet)`);
    await write('01', `timestamp '2024-01-01 00:00:00' as TS_EVENT`);
    await write('02', `${DAY}::bigint as ts_event_ms`);
    await write('03', `${(DAY + DAY_MS) * 1000}::bigint as ts_event_ms`);
    await write('04', `unnest(['2024-01-04T00:00:00Z', 'lately', null]) as ts_event`);
    await write('05', `1 as moment`);
    await write('06', `'lately' as ts_event`);
    connection.closeSync();
    const { bytes, plan } = await answer({ feed, columns: ['ts_event', 'open'] }, 'json');
    assert.deepEqual(
      JSON.parse(bytes.toString()),
      [1, 2, 3, 4].map((day) => ({ ts_event: `2024-01-0${day}T00:00:00Z`, open: 1.5 })),
    );
    assert.deepEqual([plan.unreadable, plan.rejectedRows], [['2024-01-05.parquet', '2024-01-06.parquet'], 2]);
    const gaps = await archive.gaps({ feed, stepSeconds: 60, most: 10 });
    assert.deepEqual([gaps.unreadable, gaps.present, gaps.gap_count], [plan.unreadable, 4, 3]);
    const written = bufferDays(duck, root);
    written.add([{ ...candleAt(DAY + MINUTE, 2), subject: 'ODDUSDT' }]);
    await written.flush();
    const both = await answer({ feed, startMicros: DAY * 1000, endMicros: (DAY + MINUTE) * 1000 }, 'json');
    assert.equal(both.plan.rows, 2, 'what is added to a file of another layout keeps its rows');
    await rm(join(root, 'binance/ODDUSDT'), { recursive: true });
  });

  it('returns Arrow', async () => {
    const { bytes } = await answer({}, 'arrow');
    const table = tableFromIPC(bytes);
    assert.equal(table.numRows, 3_000);
    assert.equal(String(table.schema.fields[0]?.type), 'Timestamp<MICROSECOND, UTC>');
    const last = table.get(2_999)?.toJSON();
    assert.deepEqual(
      [last?.ts_event, last?.subject, last?.close, last?.price, last?.meta],
      [DAY + 2_999 * MINUTE, 'BTCUSDT', 2999.5, null, '{}'],
    );
    const empty = await answer({ startMicros: (DAY + 30 * DAY_MS) * 1000 }, 'arrow');
    assert.deepEqual([tableFromIPC(empty.bytes).numRows, tableFromIPC(empty.bytes).numCols], [0, 12]);
  });

  it('returns Parquet', async () => {
    const plan = await archive.plan({ feed: FEED, limit: 2_000, columns: ['close', 'ts_event'] });
    const { file, remove } = await archive.parquet(plan);
    const other = openDuck(dirname(file), { threads: 1, memoryMb: 128 });
    const connection = await other.connect();
    const reader = await connection.runAndReadAll(
      `select count(*), max(close), (select list(name) from parquet_schema('${file}')) from read_parquet('${file}')`,
    );
    connection.closeSync();
    other.close();
    assert.deepEqual(reader.getRowsJson(), [['2000', 1999.5, ['duckdb_schema', 'close', 'ts_event']]]);
    await remove();
    const nothing = await archive.parquet(await archive.plan({ feed: FEED, limit: 5, endMicros: 0 }));
    await nothing.remove();
    await assert.rejects(archive.parquet(plan, AbortSignal.abort()));
  });

  it('reports where to continue, so that pages contain every record once', async () => {
    const seen: number[] = [];
    let startMicros: number | undefined;
    do {
      const { bytes, plan } = await answer({ limit: 700, startMicros, columns: ['close'] }, 'json');
      const rows = JSON.parse(bytes.toString()) as { close: number }[];
      assert.equal(rows.length, plan.rows);
      seen.push(...rows.map(({ close }) => close));
      startMicros = plan.nextMicros ?? undefined;
    } while (startMicros !== undefined);
    assert.deepEqual(
      seen,
      Array.from({ length: 3_000 }, (_, i) => i + 0.5),
    );
  });

  it('does not split records of one time', async () => {
    const { plan } = await answer({ feed: TICKS, limit: 2 }, 'csv');
    assert.deepEqual([plan.rows, plan.nextMicros], [2, (DAY + 2) * 1000]);
    await assert.rejects(archive.plan({ feed: TICKS, limit: 1 }), LimitTooSmall);
  });

  it('stops when the consumer stops', async () => {
    const plan = await archive.plan({ feed: FEED, limit: 1_000_000 });
    for await (const bytes of archive.bytes(plan, 'csv')) {
      assert.ok(bytes.length > 0);
      break;
    }
  });

  it('lists all files', async () => {
    const all = await archive.index.list();
    assert.deepEqual(
      all.map(({ path, records, date }) => [path, records, date]),
      [
        ['binance/BTCUSDT/candle/1m/2024-01-02.parquet', 1440, '2024-01-02'],
        ['binance/BTCUSDT/candle/1m/2024-01-03.parquet', 1440, '2024-01-03'],
        ['binance/BTCUSDT/candle/1m/2024-01-04.parquet', 120, '2024-01-04'],
        ['binance/BTCUSDT/tick/1s/2024-01-02.parquet', 3, '2024-01-02'],
      ],
    );
    for (const { sha256, size_bytes } of all) assert.ok(/^[0-9a-f]{64}$/.test(sha256) && size_bytes > 0);
    assert.deepEqual(await archive.index.list({ kind: 'candle', from: '2024-01-03', to: '2024-01-03' }), [all[1]]);
    assert.deepEqual(await archive.index.list({ source: 'nobody' }), []);
    assert.deepEqual(await openFeedArchive({ root: join(folder.path, 'none') }).index.list(), []);
  });

  it('notices a changed file, and omits unreadable ones', async () => {
    const [before] = await archive.index.list({ kind: 'tick' });
    const buffer = bufferDays(duck, root);
    buffer.add([tickAt(DAY + 9, 8, '4')]);
    await buffer.flush();
    const [now] = await archive.index.list({ kind: 'tick' });
    assert.equal(now?.records, 4);
    assert.notEqual(now?.sha256, before?.sha256);
    await writeFile(join(root, 'binance/BTCUSDT/tick/1s/2024-01-05.parquet'), 'no');
    await archive.index.list();
    assert.equal((await archive.index.list()).length, 4);
    assert.deepEqual(unreadable, ['binance/BTCUSDT/tick/1s/2024-01-05.parquet'], 'reported once');
  });

  it('writes null in JSON for NaN and infinities', async () => {
    const file = 'binance/OTHERS/candle/1m/2024-01-02.parquet';
    await mkdir(dirname(join(root, file)), { recursive: true });
    const connection = await duck.connect();
    await connection.run(`copy (
      select to_timestamp(${DAY / 1000} + 60 * i) as ts_event, ['NaN', 'Infinity', '-Infinity', '1.5'][i + 1]::double as open
      from range(4) as rows(i)) to '${join(root, file)}' (format parquet)`);
    connection.closeSync();
    const { bytes } = await answer({ feed: { ...FEED, subject: 'OTHERS' }, columns: ['open'] }, 'json');
    assert.deepEqual(JSON.parse(bytes.toString()), [{ open: null }, { open: null }, { open: null }, { open: 1.5 }]);
  });

  it('serves no path outside the archive', async () => {
    const found = ['binance', 'BTCUSDT', 'candle', '1m', '2024-01-02.parquet'];
    assert.ok(await archive.file(found));
    await writeFile(join(folder.path, 'secret.parquet'), 'secret');
    await mkdir(join(root, 'linked/x/y'), { recursive: true });
    await symlink(join(root, 'binance/BTCUSDT/candle/1m'), join(root, 'linked/x/y/z'));
    await symlink(join(folder.path, 'secret.parquet'), join(root, 'binance/BTCUSDT/candle/1m/2024-02-02.parquet'));
    for (const segments of [
      ['.', '.', '.', '..', 'secret.parquet'],
      ['..', 'archive', 'binance', 'BTCUSDT', 'x.parquet'],
      ['binance', 'BTCUSDT', 'candle', '1m', '../1m/2024-01-02.parquet'],
      ['binance', 'BTCUSDT', 'candle', '1m', '2024-02-02.parquet'],
      ['linked', 'x', 'y', 'z', '2024-01-02.parquet'],
      ['binance', 'BTCUSDT', 'candle', '1m', '2024-01-02.parquet\0'],
      ['binance', 'BTCUSDT', 'candle', '1m', 'x.csv'],
      ['', 'binance', 'BTCUSDT', 'candle', '2024-01-02.parquet'],
      found.slice(1),
    ]) {
      assert.equal(await archive.file(segments), null, segments.join('/'));
    }
    assert.ok(
      (await archive.index.list()).every(({ path }) => !path.startsWith('linked') && !path.includes('2024-02-02')),
    );
  });

  it('reads no file outside the archive', async () => {
    const connection = await duck.connect();
    await assert.rejects(connection.run(`select * from read_csv('/etc/passwd')`), /Permission|disabled/);
    await assert.rejects(connection.run('set enable_external_access = true'), /./);
    connection.closeSync();
  });
});
