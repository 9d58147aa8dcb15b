import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bufferDays, openDuck } from '@crunch-node/archive';
import { tempDir } from '@crunch-node/embedded';
import { instantOfMillis } from '@crunch-node/streams';
import { tableFromIPC } from 'apache-arrow';
import type { FastifyInstance } from 'fastify';
import { asyncBufferFromUrl, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { recordedLogger } from '../testing/recorded-logger.ts';
import { unconnectedApp } from '../testing/unconnected-app.ts';

const DAY = Date.parse('2024-01-02T00:00:00Z');
const FEED = '/data/backfill/binance/BTCUSDT/candle/1m';
const FILE = `${FEED}/2024-01-02.parquet`;

describe('the archive over HTTP', () => {
  let folder: Awaited<ReturnType<typeof tempDir>>;
  let root: string;
  let app: FastifyInstance;
  let url: string;
  const recorded = recordedLogger();
  before(async () => {
    folder = await tempDir('crunch-data-');
    root = join(folder.path, 'archive');
    const duck = openDuck(root, { threads: 1, memoryMb: 128 });
    const buffer = bufferDays(duck, root);
    const minutes = Array.from({ length: 2_000 }, (_, i) => i).filter((i) => i < 100 || i > 104);
    buffer.add(
      minutes.map((i) => ({
        source: 'binance',
        subject: 'BTCUSDT',
        kind: 'candle',
        granularity: '1m',
        at: instantOfMillis(DAY + (i + 1) * 60_000),
        ts_event: DAY + i * 60_000,
        values: { open: i, high: i, low: i, close: i + 0.25, volume: 1 },
      })),
    );
    await buffer.flush();
    duck.close();
    app = await unconnectedApp({ archive: { dir: root, rowLimit: 1_500 }, logger: recorded.logger });
    url = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  after(async () => {
    await app.close();
    await folder.remove();
  });
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    // By default fetch adds a no-cache of its own, which requests the whole file again.
    fetch(`${url}${path}`, { method, headers: { 'cache-control': 'max-age=0', ...headers } });
  async function index(search = '') {
    const response = await ask(`/data/backfill/index${search}`);
    assert.equal(response.status, 200);
    return (await response.json()) as {
      path: string;
      records: number;
      size_bytes: number;
      date: string;
      sha256: string;
    }[];
  }

  it('has an index, whose hashes are those of the files', async () => {
    const entries = await index();
    assert.deepEqual(
      entries.map(({ path, records, date }) => [path, records, date]),
      [
        ['binance/BTCUSDT/candle/1m/2024-01-02.parquet', 1435, '2024-01-02'],
        ['binance/BTCUSDT/candle/1m/2024-01-03.parquet', 560, '2024-01-03'],
      ],
    );
    const bytes = Buffer.from(await (await ask(FILE)).arrayBuffer());
    assert.equal(bytes.length, entries[0]?.size_bytes);
    assert.equal(createHash('sha256').update(bytes).digest('hex'), entries[0]?.sha256);
    assert.deepEqual(await index('?start=2024-01-03&granularity=1m'), [entries[1]]);
    assert.deepEqual(await index('?subject=..'), []);
  });

  it('serves files with all headers that caches and ranges need', async () => {
    const whole = await ask(FILE);
    const bytes = Buffer.from(await whole.arrayBuffer());
    const size = String(bytes.length);
    assert.deepEqual(
      ['content-type', 'content-length', 'accept-ranges', 'content-disposition'].map((name) => whole.headers.get(name)),
      ['application/octet-stream', size, 'bytes', 'attachment; filename="2024-01-02.parquet"'],
    );
    const tag = whole.headers.get('etag') ?? '';
    const modified = whole.headers.get('last-modified') ?? '';
    assert.match(tag, /^"[0-9a-f-]+"$/, 'a strong tag');

    const head = await ask(FILE, {}, 'HEAD');
    assert.deepEqual([head.status, head.headers.get('content-length'), head.headers.get('etag')], [200, size, tag]);

    const part = await ask(FILE, { range: 'bytes=4-11' });
    assert.deepEqual([part.status, part.headers.get('content-range')], [206, `bytes 4-11/${size}`]);
    assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(4, 12));
    const end = await ask(FILE, { range: 'bytes=-4' });
    assert.equal(await end.text(), 'PAR1');
    const more = await ask(FILE, { range: 'bytes=-99999999', 'if-range': tag });
    assert.deepEqual([more.status, more.headers.get('content-range')], [206, `bytes 0-${Number(size) - 1}/${size}`]);
    assert.deepEqual(Buffer.from(await more.arrayBuffer()), bytes);
    assert.equal((await ask(FILE, { range: 'bytes=-0' })).status, 416);
    const beyond = await ask(FILE, { range: 'bytes=99999999-' });
    assert.deepEqual([beyond.status, beyond.headers.get('content-range')], [416, `bytes */${size}`]);
    assert.equal(typeof ((await beyond.json()) as { detail: string }).detail, 'string');

    assert.equal((await ask(FILE, { 'if-none-match': `"other", W/${tag}` })).status, 304);
    assert.equal((await ask(FILE, { 'if-modified-since': modified })).status, 304);
    assert.equal((await ask(FILE, { range: 'bytes=0-3', 'if-range': tag })).status, 206);
    assert.equal((await ask(FILE, { range: 'bytes=0-3', 'if-range': modified })).status, 206);
    assert.equal((await ask(FILE, { range: 'bytes=0-3', 'if-range': '"another"' })).status, 200);
    assert.equal((await ask(FILE, { 'if-match': '"another"' })).status, 412);
    assert.equal((await ask(FILE, { range: 'bytes=0-3', 'if-range': `W/${tag}` })).status, 200);
    assert.equal((await ask(FILE, { range: 'bytes=0-3' }, 'HEAD')).status, 200);
    for (const range of [
      'bytes=0-1,3-4',
      'bytes=x-y',
      'lines=1-2',
      'bytes=5-2',
      'bytes=0-1x',
      'bytes=',
      'bytes=0-1,x',
    ]) {
      assert.equal((await ask(FILE, { range })).status, 200, range);
    }
  });

  it('gives another tag to other bytes', async () => {
    const file = join(root, 'binance/BTCUSDT/candle/1m/2024-01-09.parquet');
    await writeFile(file, 'one');
    const path = `${FEED}/2024-01-09.parquet`;
    const first = await ask(path);
    await writeFile(`${file}.new`, 'two, which is longer');
    await rename(`${file}.new`, file);
    const second = await ask(path, { range: 'bytes=0-2', 'if-range': first.headers.get('etag') ?? '' });
    assert.deepEqual([second.status, await second.text()], [200, 'two, which is longer']);
  });

  it('can be read by ranges, by a Parquet reader of another project', async () => {
    const requested: (string | null)[] = [];
    const counted: typeof fetch = (input, init) => {
      requested.push(new Headers(init?.headers).get('range'));
      return fetch(input, init);
    };
    const file = await asyncBufferFromUrl({ url: `${url}${FILE}`, fetch: counted });
    const metadata = await parquetMetadataAsync(file);
    assert.equal(Number(metadata.num_rows), 1435);
    const rows = await parquetReadObjects({ file, metadata, compressors, columns: ['ts_event', 'close', 'price'] });
    assert.equal(rows.length, 1435);
    assert.deepEqual(rows[100], { ts_event: new Date(DAY + 105 * 60_000), close: 105.25, price: null });
    assert.ok(
      requested.some((range) => /^bytes=/.test(range ?? '')),
      'by ranges',
    );
  });

  it('serves no file from outside', async () => {
    await writeFile(join(folder.path, 'secret.parquet'), 'secret');
    await symlink(join(folder.path, 'secret.parquet'), join(root, 'binance/BTCUSDT/candle/1m/2024-02-02.parquet'));
    await mkdir(join(root, '.hidden/a/b/c'), { recursive: true });
    await writeFile(join(root, '.hidden/a/b/c/2024-01-01.parquet'), 'hidden');
    const paths = [
      '/data/backfill/./././../secret.parquet',
      '/data/backfill/%2e/%2e/%2e/%2e%2e/secret.parquet',
      '/data/backfill/%2E%2E/archive/binance/BTCUSDT/secret.parquet',
      '/data/backfill/binance/BTCUSDT/candle/1m/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fsecret.parquet',
      '/data/backfill/binance/BTCUSDT/candle/1m/..%5c..%5csecret.parquet',
      '/data/backfill/binance/BTCUSDT/candle/1m/2024-01-02.parquet%00',
      '/data/backfill/binance/BTCUSDT/candle/1m/%00.parquet',
      '/data/backfill/binance/BTCUSDT/candle/1m/2024-02-02.parquet',
      '/data/backfill/.hidden/a/b/c/2024-01-01.parquet',
      '/data/backfill/binance/BTCUSDT/candle/1m/nothing.csv',
      '/data/backfill/binance/BTCUSDT/candle%2f1m/x/2024-01-02.parquet',
      '/data/backfill//binance/BTCUSDT/candle/1m/2024-01-02.parquet',
    ];
    for (const path of paths) {
      const answer = await raw(path);
      assert.match(answer, /^HTTP\/1\.1 (400|404) /, path);
      assert.ok(!answer.includes('secret\n') && !/\r\n\r\n(secret|hidden|PAR1)/.test(answer), path);
    }
  });

  /** Sends the path as it is: a client would normalise it. */
  async function raw(path: string): Promise<string> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    let text = '';
    socket.setEncoding('latin1').on('data', (some: string) => {
      text += some;
    });
    await once(socket, 'close');
    return text;
  }

  it('answers queries in four formats', async () => {
    const range = 'start=2024-01-02T00:01:00Z&end=2024-01-02T00:02:00Z&columns=ts_event,close';
    const json = await ask(`${FEED}?${range}`);
    assert.equal(json.headers.get('content-type'), 'application/json; charset=utf-8');
    assert.deepEqual(await json.json(), [
      { ts_event: '2024-01-02T00:01:00Z', close: 1.25 },
      { ts_event: '2024-01-02T00:02:00Z', close: 2.25 },
    ]);
    assert.deepEqual([json.headers.get('x-row-count'), json.headers.get('x-next-start')], ['2', null]);
    const csv = await ask(`${FEED}?${range}&format=csv`);
    assert.equal(csv.headers.get('content-type'), 'text/csv; charset=utf-8');
    assert.equal(await csv.text(), 'ts_event,close\n2024-01-02T00:01:00Z,1.25\n2024-01-02T00:02:00Z,2.25\n');
    const arrow = await ask(`${FEED}?${range}&format=arrow`);
    assert.equal(arrow.headers.get('content-type'), 'application/vnd.apache.arrow.stream');
    assert.equal(
      tableFromIPC(new Uint8Array(await arrow.arrayBuffer()))
        .get(1)
        ?.toJSON().close,
      2.25,
    );
    const parquet = await ask(`${FEED}?${range}&format=parquet`);
    assert.equal(parquet.headers.get('content-type'), 'application/vnd.apache.parquet');
    const file = await parquet.arrayBuffer();
    assert.equal(String(file.byteLength), parquet.headers.get('content-length'));
    const rows = await parquetReadObjects({ file, compressors });
    assert.deepEqual(rows[0], { ts_event: new Date(DAY + 60_000), close: 1.25 });
  });

  it('reports when a response is cut, and where to continue', async () => {
    let next: string | null = `${FEED}?columns=close&api_key=none`;
    const seen: number[] = [];
    const counts: (string | null)[] = [];
    while (next !== null) {
      const response = await ask(next);
      const rows = (await response.json()) as { close: number }[];
      seen.push(...rows.map(({ close }) => close));
      counts.push(response.headers.get('x-row-count'));
      next = /^<(.*)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1] ?? null;
      assert.ok(!next?.includes('api_key'));
    }
    assert.equal(new Set(seen).size, 1995);
    assert.deepEqual(counts, ['1500', '495']);
  });

  it('refuses unknown feeds and invalid parameters', async () => {
    const cases: readonly [string, number][] = [
      [`${FEED}?columns=close;drop table x`, 422],
      [`${FEED}?columns=close,"meta" from x --`, 422],
      [`${FEED}?format=xlsx`, 422],
      [`${FEED}?format=__proto__`, 422],
      [`${FEED}?limit=0`, 422],
      [`${FEED}?limit=1501`, 422],
      [`${FEED}?start=yesterday`, 422],
      ['/data/backfill/binance/NONE/candle/1m', 404],
      ["/data/backfill/binance/x';select 1/candle/1m", 404],
      ['/data/backfill/binance/%2e%2e/candle/1m', 404],
      ['/data/backfill/binance/NONE/candle/1m/gaps', 404],
    ];
    for (const [path, status] of cases) {
      const response = await ask(path);
      assert.equal(response.status, status, path);
      assert.ok('detail' in ((await response.json()) as object), path);
    }
  });

  it('shows gaps', async () => {
    const gaps = (await (await ask(`${FEED}/gaps?end=2024-01-03T09:21:00Z`)).json()) as Record<string, unknown>;
    assert.deepEqual(
      [gaps.present, gaps.missing, gaps.gap_count, gaps.step_seconds, gaps.gaps],
      [
        1995,
        7,
        2,
        60,
        [
          { start: '2024-01-02T01:40:00Z', end: '2024-01-02T01:44:00Z', missing: 5 },
          { start: '2024-01-03T09:20:00Z', end: '2024-01-03T09:21:00Z', missing: 2 },
        ],
      ],
    );
  });

  it('continues to work when clients disconnect', async () => {
    for (let i = 0; i < 20; i++) {
      const leaving = new AbortController();
      const format = ['csv', 'arrow', 'parquet', 'json'][i % 4];
      const response = fetch(`${url}${FEED}?format=${format}`, { signal: leaving.signal });
      if (i % 2 === 0) await response.then(({ body }) => body?.getReader().read());
      leaving.abort();
      await response.catch(() => undefined);
    }
    const all = await Promise.all(Array.from({ length: 12 }, () => ask(`${FEED}?format=csv`).then((r) => r.text())));
    assert.equal(new Set(all).size, 1);
    assert.deepEqual(
      recorded.lines.filter(({ level }) => level === 'error'),
      [],
    );
  });
});
