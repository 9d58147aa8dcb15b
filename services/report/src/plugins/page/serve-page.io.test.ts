import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { unconnectedApp } from '../../testing/unconnected-app.ts';
import { adminKey } from '../security/keys.ts';
import { defaultSecurity } from '../security/options.ts';

const KEY = 'k'.repeat(40);

describe('the web page', () => {
  let folder: string;
  let app: FastifyInstance;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crunch-page-'));
    const [web, docs] = [join(folder, 'web'), join(folder, 'docs')];
    await mkdir(join(web, 'assets'), { recursive: true });
    await mkdir(join(docs, 'assets'), { recursive: true });
    await writeFile(join(web, 'index.html'), '<!doctype html>page');
    await writeFile(join(web, 'assets', 'a-1.js'), 'plain');
    await writeFile(join(web, 'assets', 'a-1.js.br'), 'compressed');
    await writeFile(join(folder, 'secret'), 'secret');
    await writeFile(join(docs, 'index.html'), '<!doctype html>guides');
    await writeFile(join(docs, 'assets', 'b-1.css'), 'a{}');
    const security = { ...defaultSecurity, keys: [adminKey(KEY)], readAuth: true };
    app = await unconnectedApp({ page: { web, docs }, security });
  });
  after(async () => {
    await app?.close();
    await rm(folder, { recursive: true, force: true });
  });
  const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });

  it('needs no key, also where reading does: a key is entered there', async () => {
    assert.equal((await get('/', { accept: 'text/html' })).body, '<!doctype html>page');
    assert.equal((await get('/')).statusCode, 200);
    assert.equal((await get('/ui/assets/a-1.js')).body, 'plain');
    assert.equal((await get('/reports/predictions')).statusCode, 401);
    assert.equal((await get('/nothing', { 'x-api-key': KEY })).statusCode, 404);
  });

  it('leaves clients of the API what they had', async () => {
    for (const accept of ['application/json', 'application/json, */*']) {
      const { statusCode, headers, body } = await get('/', { accept });
      assert.deepEqual([statusCode, JSON.parse(body)], [404, { detail: 'Not Found', message: 'Not Found' }]);
      assert.equal(headers.vary, 'Accept');
    }
    const put = await app.inject({ method: 'POST', url: '/', headers: { 'x-api-key': KEY } });
    assert.ok([404, 405].includes(put.statusCode));
  });

  it('runs nothing inline', async () => {
    const policy = (await get('/')).headers['content-security-policy'] as string;
    assert.match(policy, /script-src 'self'; style-src 'self';/);
    assert.doesNotMatch(policy, /unsafe|https?:/);
  });

  it('is sent compressed, and kept by browsers as long as its name', async () => {
    const { body, headers } = await get('/ui/assets/a-1.js', { 'accept-encoding': 'br' });
    assert.deepEqual([body, headers['content-encoding']], ['compressed', 'br']);
    assert.match(String(headers['cache-control']), /max-age=31536000, immutable/);
    assert.equal((await get('/')).headers['cache-control'], 'no-cache');
    assert.match(String((await get('/docs/assets/b-1.css')).headers['cache-control']), /immutable/);
  });

  it('leads nowhere else', async () => {
    for (const path of [
      '/ui/assets/../../secret',
      '/ui/assets/%2e%2e/%2e%2e/secret',
      '/docs/..%2f..%2fsecret',
      '/ui/index.html',
    ])
      assert.notEqual((await get(path)).body, 'secret', path);
  });

  it('comes with the guides at /docs, and the description of the API below them', async () => {
    const redirected = await get('/docs');
    assert.deepEqual([redirected.statusCode, redirected.headers.location], [302, '/docs/']);
    assert.equal((await get('/docs/')).body, '<!doctype html>guides');
    assert.match((await get('/docs/api')).body + (await get('/docs/api/')).body, /swagger/i);
    assert.equal((await get('/docs/json')).headers.location, '/docs/api/json');
    assert.equal((await get('/docs/api/json')).json().openapi, '3.1.0');
    assert.equal((await get('/openapi.json')).json().openapi, '3.1.0');
  });
});
