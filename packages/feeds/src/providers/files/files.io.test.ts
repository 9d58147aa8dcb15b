import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { FeedRecord, FeedSettings } from '@crunch-node/domain';
import type { FeedReports } from '../../provider.ts';
import { listener } from '../../testing/listener.ts';
import { filesProvider } from './index.ts';

const MINUTE = 60_000;
const START = Math.floor(Date.now() / MINUTE) * MINUTE - 600 * MINUTE;
const HEADER = 'ts_event_ms,open,high,low,close,volume\n';
const line = (minute: number, close: unknown = 100 + minute): string =>
  `${START + minute * MINUTE},${close},${close},${close},${close},1\n`;
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => line(from + i)).join('');
const csv = 'live_btcusdt_1m.csv';

let folder: string;
const { received, rejected, notices, clock, reports: reported, listen, until, end } = listener();
const origins: string[] = [];
const reports: FeedReports = {
  notice: reported.notice,
  rejected(rejection) {
    origins.push(rejection.origin);
    reported.rejected(rejection);
  },
};
const provider = () =>
  filesProvider(
    {
      provider: 'files',
      subjects: ['BTCUSDT', 'ETHUSDT'],
      kind: 'candle',
      granularity: '1m',
      window: 120,
      backfill_minutes: 180,
      options: { data: folder },
    } satisfies FeedSettings,
    reports,
    clock,
  );
const minutes = (records: readonly FeedRecord[]): number[] =>
  records.map(({ ts_event }) => (ts_event - START) / MINUTE);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const request = { subjects: ['BTCUSDT', 'ETHUSDT'], kind: 'candle', granularity: '1m' };
/** Resolves when what is in the files by now counts as past. */
async function follow(): Promise<ReturnType<typeof provider>> {
  const made = provider();
  listen(made, request);
  await made.fetch({ ...request, startMs: 0, endMs: 1, limit: 1 });
  return made;
}

beforeEach(async () => {
  origins.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'crunch-files-'));
});
afterEach(async () => {
  await end();
  await rm(folder, { recursive: true });
});

describe('files as a feed', () => {
  it('give their past page by page, whole lines only', async () => {
    await writeFile(join(folder, csv), HEADER + lines(0, 249) + line(250).slice(0, -20));
    await writeFile(join(folder, 'old_btcusdt_1m_2.csv.gz'), gzipSync(HEADER + lines(251, 299)));
    const made = provider();
    const all: FeedRecord[] = [];
    for (let startMs: number | null = START; startMs !== null; ) {
      const [page] = await made.fetch({ ...request, subjects: ['BTCUSDT'], startMs, endMs: Date.now(), limit: 40 });
      if (page === undefined || 'error' in page) assert.fail(String(page?.error));
      assert.ok(page.records.length <= 40);
      all.push(...page.records);
      startMs = page.nextStartMs;
    }
    assert.deepEqual(minutes(all), [...range(0, 249), ...range(251, 299)]);
    assert.deepEqual(new Set(all.map(({ source }) => source)), new Set(['files']));
    assert.deepEqual(rejected, []);
  });

  it('grow line by line, whatever they contain', async () => {
    await writeFile(join(folder, csv), HEADER + lines(0, 9));
    await follow();
    const whole = line(11);
    await appendFile(join(folder, csv), line(10) + whole.slice(0, 12));
    await until(() => received.length === 1);
    await appendFile(join(folder, csv), `${whole.slice(12)}garbage\n${line(12, 'NaN')}${lines(13, 14)}`);
    await until(() => received.length === 4);
    assert.deepEqual(minutes(received), [10, 11, 13, 14]);
    assert.deepEqual(rejected.sort(), ['bad_time', 'not_a_number']);
  });

  it('grow below a comment and a header, which are read once', async () => {
    await writeFile(join(folder, csv), '# exported\n');
    await follow();
    for (const [from, to] of [
      [0, 1],
      [2, 3],
      [4, 5],
    ] as const) {
      await appendFile(join(folder, csv), (from === 0 ? HEADER : '') + lines(from, to));
      await until(() => received.length === to + 1);
    }
    assert.deepEqual(minutes(received), range(0, 5));
    assert.deepEqual(origins, [`${join(folder, csv)}:1`]);
  });

  it('appear, are replaced and cannot be read, while the feed continues', async () => {
    await follow();
    const temporary = join(folder, 'part.tmp');
    await writeFile(temporary, HEADER + lines(0, 4));
    await rename(temporary, join(folder, csv));
    await until(() => received.length === 5);
    await writeFile(join(folder, 'x_ethusdt_1m.parquet'), 'not yet');
    await writeFile(join(folder, 'x_dogeusdt_1m.csv'), HEADER + lines(0, 4));
    await writeFile(temporary, HEADER + lines(3, 7));
    await rename(temporary, join(folder, csv));
    await appendFile(join(folder, csv), lines(8, 9));
    await until(() => received.length === 10);
    assert.deepEqual(minutes(received), range(0, 9));
    for (const notice of [/^a file cannot be read yet/, /^left out: not among the configured feeds/]) {
      assert.ok(
        notices.some((text) => notice.test(text)),
        `${notice} in ${notices}`,
      );
    }
  });

  it('are read on when one of them has bad times, or none', async () => {
    const { DuckDBInstance } = await import('@duckdb/node-api');
    const duck = await (await DuckDBInstance.create(':memory:')).connect();
    const bar = '1.0 as open, 1.0 as high, 1.0 as low, 1.0 as close, 1.0 as volume';
    const parquet = (name: string, select: string) =>
      duck.run(`copy (select ${select}, ${bar}) to '${join(folder, name)}' (format parquet)`);
    await writeFile(join(folder, csv), HEADER + lines(0, 1));
    await follow();
    await parquet('x_ethusdt_1m_text.parquet', `'${new Date(START + 2 * MINUTE).toISOString()}' as ts_event`);
    await parquet('x_ethusdt_1m_us.parquet', `${(START + 3 * MINUTE) * 1000}::bigint as ts_event_ms`);
    await parquet('x_ethusdt_1m_bad.parquet', `unnest(['lately', null]) as ts_event`);
    await parquet('x_ethusdt_1m_none.parquet', '1 as moment');
    duck.closeSync();
    const micros = `${START + 3 * MINUTE}000,103,103,103,103,1\n`;
    await appendFile(join(folder, csv), `${line(2)}${micros}${line(4)}20261118,1,1,1,1,1\n${line(5)}`);
    await until(() => received.length === 6);
    const of = (name: string) => minutes(received.filter(({ subject }) => subject === name));
    assert.deepEqual([of('BTCUSDT'), of('ETHUSDT')], [range(2, 5), [2, 3]]);
    assert.deepEqual(rejected.sort(), ['bad_time', 'bad_time', 'bad_time', 'unreadable']);
    await appendFile(join(folder, csv), line(6));
    await until(() => received.length === 7);
    assert.equal(rejected.length, 4, 'each named once');
    assert.ok(notices.some((text) => text.startsWith('times are read as microseconds')));
  });

  it('are read from their beginning when they were rewritten, even with the same inode and size', async () => {
    const file = join(folder, csv);
    await writeFile(file, HEADER + lines(0, 3));
    await follow();
    // A window that rolls: as many bytes, another head.
    await writeFile(file, HEADER + lines(3, 6));
    await until(() => received.length === 4);
    // Longer than before, and nothing of it is what it was, the order of the columns neither.
    const swapped = (minute: number): string => `${START + minute * MINUTE},1,${100 + minute},200,50,${110 + minute}\n`;
    await writeFile(file, `ts_event_ms,volume,open,high,low,close\n${[7, 8, 9, 10, 11, 12].map(swapped).join('')}`);
    await until(() => received.length === 10);
    await appendFile(file, swapped(13));
    await until(() => received.length === 11);
    // Shorter.
    await writeFile(file, HEADER + line(14));
    await until(() => received.length === 12);
    // Moved away after a last row and started again, as log files are.
    await appendFile(file, line(15));
    await rename(file, `${file}.1`);
    await writeFile(file, HEADER + line(16));
    await until(() => received.length === 14);
    assert.deepEqual(minutes(received), range(3, 16));
    assert.deepEqual(
      received.slice(4, 11).map(({ values }) => [values.volume, values.open, values.close]),
      range(7, 13).map((minute) => [1, 100 + minute, 110 + minute]),
    );
    assert.deepEqual(rejected, []);
    assert.ok(notices.some((text) => /^a file was rewritten/.test(text)));
  });

  it('keep their own line ends and line numbers, and each bad line counts', async () => {
    const file = join(folder, csv);
    const quoted = (text: string): string =>
      `${text
        .trim()
        .split(',')
        .map((cell) => `"${cell}"`)
        .join(',')}\r\n`;
    await writeFile(file, quoted(HEADER) + quoted(line(0)) + quoted(line(1)));
    await follow();
    await appendFile(file, quoted(line(2)) + quoted(line(3, 'x')));
    await until(() => received.length === 1 && rejected.length === 1);
    const half = quoted(line(4));
    await appendFile(file, quoted(line(3, 'x')) + half.slice(0, -1));
    await until(() => rejected.length === 2);
    await appendFile(file, `${half.slice(-1)}${quoted(line(5))}`);
    await until(() => received.length === 3);
    assert.deepEqual(minutes(received), [2, 4, 5]);
    assert.deepEqual(origins, [`${file}:5`, `${file}:6`]);
  });

  it('are configured by a folder and a kind of record that files can hold', () => {
    const build = (more: Partial<FeedSettings>) => () =>
      filesProvider({
        provider: 'files',
        subjects: ['A'],
        kind: 'tick',
        granularity: 'tick',
        window: 1,
        backfill_minutes: 1,
        options: { data: folder },
        ...more,
      });
    assert.throws(build({ options: {} }), /expected data to be one or more files or folders/);
    assert.throws(build({ kind: 'depth' }), /expected kind to be candle or tick/);
  });
});
