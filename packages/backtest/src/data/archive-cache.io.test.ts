import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { ArchiveUnusable, fetchArchive } from './archive-cache.ts';

const PATH = 'binance/BTCUSDT/candle/1m/2026-01-02.parquet';
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** An archive of one file, which can cut off its first response. */
async function archive(t: TestContext, content: Buffer, { cutAt = 0, listed = [{}] as object[] } = {}) {
  const asked: string[] = [];
  let cuts = cutAt > 0 ? 1 : 0;
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.range ?? ''}`.trim());
    if (request.url === '/data/backfill/index') {
      const own = { path: PATH, size_bytes: content.length, date: '2026-01-02', sha256: sha256(content), records: 1 };
      response.end(JSON.stringify(listed.map((other) => ({ ...own, ...other }))));
      return;
    }
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, { etag: '"one"', 'content-length': content.length - from });
    if (cuts-- > 0) response.write(content.subarray(0, cutAt), () => response.socket?.destroySoon());
    else response.end(content.subarray(from));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const cacheDir = await mkdtemp(join(tmpdir(), 'crunch-cache-'));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(cacheDir, { recursive: true });
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const query = { subjects: ['BTCUSDT'], kind: 'candle', granularity: '1m' };
  return { asked, cacheDir, fetch: (more = {}) => fetchArchive({ url, cacheDir, query: { ...query, ...more } }) };
}

describe('the cache of an archive', () => {
  const content = Buffer.from('0123456789'.repeat(1_000));

  it('fetches a file once, and again when the cached copy was changed', async (t) => {
    const { asked, fetch } = await archive(t, content);
    const [path] = await fetch();
    assert.deepEqual(await readFile(path!), content);
    await fetch();
    assert.equal(asked.filter((line) => line.includes(PATH)).length, 1);
    await writeFile(path!, 'x'.repeat(content.length));
    await fetch();
    assert.deepEqual(await readFile(path!), content);
  });

  it('continues where a connection broke', async (t) => {
    const large = Buffer.alloc(8_000_000, content);
    const { asked, fetch } = await archive(t, large, { cutAt: 7_000_000 });
    assert.ok(large.equals(await readFile((await fetch())[0]!)));
    assert.match(asked.find((line) => line.includes('bytes')) ?? asked.join(), /bytes=\d+-$/);
  });

  it('takes the requested days and feed, and no path that leaves the folder', async (t) => {
    const { fetch } = await archive(t, content, {
      listed: [{}, { path: 'binance/../../../candle/x' }, { path: PATH.replace('BTC', 'ETH') }, { date: '2026-02-01' }],
    });
    assert.equal((await fetch({ to: '2026-01-31' })).length, 1);
    await assert.rejects(fetch({ from: '2027-01-01' }), ArchiveUnusable);
  });

  it('refuses bytes that differ from the listed digest', async (t) => {
    const { fetch } = await archive(t, content, { listed: [{ sha256: sha256(Buffer.from('other')) }] });
    await assert.rejects(fetch(), /received other bytes/);
  });
});
