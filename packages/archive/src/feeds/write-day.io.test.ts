import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { FeedRecord } from '@crunch-node/domain';
import { tempDir } from '@crunch-node/embedded';
import fc from 'fast-check';
import { type Duck, openDuck } from '../duck.ts';
import { candleAt, FEED, tickAt } from '../testing/records.ts';
import { archiveColumns } from './columns.ts';
import { UnsafeArchiveName } from './places.ts';
import { writeDay } from './write-day.ts';
import { bufferDays, sweepFeed } from './writer.ts';

const DAY = Date.parse('2024-01-02T00:00:00Z');
const MINUTE = 60_000;

describe('a day of records', () => {
  let folder: Awaited<ReturnType<typeof tempDir>>;
  let duck: Duck;
  let roots = 0;
  const newRoot = () => join(folder.path, String(roots++));
  before(async () => {
    folder = await tempDir('crunch-archive-');
    duck = openDuck(folder.path, { threads: 1, memoryMb: 256 });
  });
  after(async () => {
    duck.close();
    await folder.remove();
  });

  async function rowsOf(file: string, columns = 'epoch_ms(ts_event), close') {
    const connection = await duck.connect();
    try {
      const reader = await connection.runAndReadAll(`select ${columns} from read_parquet('${file}')`);
      return reader.getRowsJson();
    } finally {
      connection.closeSync();
    }
  }
  const write = (root: string, records: readonly FeedRecord[]) => writeDay(duck, root, records);
  const hashOf = async (file: string) =>
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex');

  it('is a file with the documented columns, in their order', async () => {
    const root = newRoot();
    const { file, movedAside } = await write(root, [candleAt(DAY, 7, { trades: 3 }, { closed: true })]);
    assert.equal(file, join(root, 'binance/BTCUSDT/candle/1m/2024-01-02.parquet'));
    assert.equal(movedAside, null);
    const connection = await duck.connect();
    const described = await connection.runAndReadAll(`describe select * from read_parquet('${file}')`);
    connection.closeSync();
    assert.deepEqual(
      described.getRowsJson().map(([name, type]) => `${name} ${type}`),
      archiveColumns.map((name, i) => {
        if (i === 0) return `${name} TIMESTAMP WITH TIME ZONE`;
        return `${name} ${i >= 5 && i !== 10 ? 'DOUBLE' : 'VARCHAR'}`;
      }),
    );
    assert.deepEqual(await rowsOf(file, '* exclude (ts_event)'), [
      ['binance', 'BTCUSDT', 'candle', '1m', 7, 7, 7, 7, 1, '{"_record_meta":{"closed":true},"trades":3}', null],
    ]);
    assert.deepEqual(await readdir(dirname(file)), ['2024-01-02.parquet'], 'nothing is left behind');
  });

  it('is sorted, and keeps the last record of a time', async () => {
    const root = newRoot();
    const { file } = await write(root, [candleAt(DAY + 2 * MINUTE, 3), candleAt(DAY, 1), candleAt(DAY, 2)]);
    await write(root, [candleAt(DAY + MINUTE, 5), candleAt(DAY + 2 * MINUTE, 4)]);
    assert.deepEqual(await rowsOf(file), [
      [String(DAY), 2],
      [String(DAY + MINUTE), 5],
      [String(DAY + 2 * MINUTE), 4],
    ]);
  });

  it('distinguishes trades of one millisecond by their ids, with their price in its column', async () => {
    const root = newRoot();
    const { file } = await write(root, [tickAt(DAY, 100.5, '10'), tickAt(DAY, 100.25, '9'), tickAt(DAY, 100.75, '10')]);
    assert.deepEqual(await rowsOf(file, 'price, meta'), [
      [100.25, '{"qty":1,"trade_id":"9"}'],
      [100.75, '{"qty":1,"trade_id":"10"}'],
    ]);
  });

  it('gives the same file however often and in whatever parts it is written', async () => {
    const records = Array.from({ length: 300 }, (_, i) => candleAt(DAY + i * MINUTE, i + 1, { trades: i }));
    const { file } = await write(newRoot(), records);
    const whole = await hashOf(file);
    const part = fc.tuple(fc.nat(299), fc.nat(299));
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 0, maxLength: 3 }), async (parts) => {
        const root = newRoot();
        for (const [a, b] of parts) await write(root, records.slice(Math.min(a, b), Math.max(a, b) + 1));
        const again = await write(root, records);
        assert.equal(await hashOf(again.file), whole);
      }),
      { numRuns: 8 },
    );
  });

  it('is merged into a file of another producer', async () => {
    const root = newRoot();
    const file = join(root, 'binance/BTCUSDT/candle/1m/2024-01-02.parquet');
    await mkdir(dirname(file), { recursive: true });
    const connection = await duck.connect();
    await connection.run(`copy (select make_timestamptz(${DAY} * 1000) as ts_event, 'binance' as source,
      'BTCUSDT' as subject, 'candle' as kind, '1m' as granularity, 1::double as open, 1::double as high, 1::double as low,
      9::double as close, 1::double as volume, '{}' as meta) to '${file}' (format parquet, compression snappy)`);
    connection.closeSync();
    await write(root, [candleAt(DAY + MINUTE, 5)]);
    assert.deepEqual(await rowsOf(file, 'close, price'), [
      [9, null],
      [5, null],
    ]);
  });

  it('moves an unreadable file aside, and reports it', async () => {
    const root = newRoot();
    const file = join(root, 'binance/BTCUSDT/candle/1m/2024-01-02.parquet');
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, 'PAR1 and then the power went');
    const { movedAside } = await write(root, [candleAt(DAY, 5)]);
    assert.match(movedAside ?? '', /2024-01-02\.parquet\.unreadable-/);
    assert.equal(await readFile(movedAside!, 'utf8'), 'PAR1 and then the power went');
    assert.deepEqual(await rowsOf(file), [[String(DAY), 5]]);
  });

  it('is not written outside the archive', async () => {
    for (const granularity of ['../../x', '..', '.x', 'a/b', '', 'a\0b', 'x'.repeat(200)]) {
      await assert.rejects(write(newRoot(), [{ ...candleAt(DAY, 1), granularity }]), UnsafeArchiveName, granularity);
    }
  });

  it('leaves the file unchanged when the writer is aborted', async () => {
    const root = newRoot();
    const { file } = await write(root, [candleAt(DAY, 5)]);
    const before = await hashOf(file);
    await assert.rejects(writeDay(duck, root, [candleAt(DAY, 6)], AbortSignal.abort()));
    assert.equal(await hashOf(file), before);
    assert.deepEqual(await readdir(dirname(file)), ['2024-01-02.parquet']);
  });

  it('is collected until it is complete', async () => {
    const root = newRoot();
    const buffer = bufferDays(duck, root);
    buffer.add([candleAt(DAY - MINUTE, 1), candleAt(DAY, 2)]);
    buffer.add([candleAt(DAY + MINUTE, 3)]);
    assert.deepEqual([buffer.held, buffer.days], [3, 2]);
    assert.deepEqual(await buffer.flush(), []);
    assert.deepEqual([buffer.held, buffer.days], [0, 0]);
    const stray = join(root, 'binance/BTCUSDT/candle/1m/.2024-01-02.parquet.aa.tmp');
    await writeFile(stray, 'half');
    await sweepFeed(root, FEED);
    assert.deepEqual(await readdir(dirname(stray)), ['2024-01-01.parquet', '2024-01-02.parquet']);
  });
});
