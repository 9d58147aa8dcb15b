import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { AppOptions } from '../../app.ts';
import { recordedLogger } from '../../testing/recorded-logger.ts';
import { unconnectedApp } from '../../testing/unconnected-app.ts';
import { namedKeys } from './keys.ts';
import { defaultSecurity, type SecurityOptions, securityFrom } from './options.ts';

const READ_KEY = 'the-key-of-a-dashboard';
const ADMIN_KEY = 'the-key-of-the-operator';
const keys = namedKeys([`dashboard:read:${READ_KEY}`, `ops:admin:${ADMIN_KEY}`]);
const CONFIRM = '/reports/checkpoints/CKP_1/confirm';

describe('the guard', () => {
  let app: FastifyInstance;
  afterEach(() => app.close());
  const guarded = async (security: Partial<SecurityOptions> = {}, more: Partial<AppOptions> = {}) => {
    app = await unconnectedApp({ ...more, security: { ...defaultSecurity, keys, readAuth: true, ...security } });
  };
  const ask = (headers: Record<string, string> = {}, url = '/reports/predictions') => app.inject({ url, headers });

  it('requires a key in a form that browsers of other origins can read', async () => {
    await guarded({}, { corsOrigins: ['https://ui.example'] });
    const none = await ask({ origin: 'https://ui.example' });
    assert.equal(none.statusCode, 401);
    assert.deepEqual(none.json(), { detail: 'API key required', message: 'API key required' });
    assert.equal(none.headers['www-authenticate'], 'Bearer realm="crunch-node"');
    assert.equal(none.headers['access-control-allow-origin'], 'https://ui.example');
    assert.match(String(none.headers['access-control-expose-headers']), /WWW-Authenticate/);
    assert.equal(none.headers['cache-control'], 'no-store');
    const wrong = await ask({ 'x-api-key': 'wrong' });
    assert.equal(wrong.headers['www-authenticate'], 'Bearer realm="crunch-node", error="invalid_token"');
    assert.equal((await ask({ origin: 'https://evil.example' })).headers['access-control-allow-origin'], undefined);
  });

  it('never requires a key of a preflight', async () => {
    await guarded();
    for (const url of ['/reports/predictions', CONFIRM, '/reports/backfill', '/nonsense']) {
      const preflight = await app.inject({
        method: 'OPTIONS',
        url,
        headers: {
          origin: 'https://ui.example',
          'access-control-request-method': 'PATCH',
          'access-control-request-headers': 'authorization, content-type',
        },
      });
      assert.equal(preflight.statusCode, 204, url);
      assert.equal(preflight.headers['access-control-allow-origin'], '*');
      assert.match(String(preflight.headers['access-control-allow-methods']), /PATCH/);
      assert.equal(preflight.headers['access-control-allow-headers'], 'authorization, content-type');
      assert.equal(preflight.headers['access-control-allow-credentials'], undefined);
      assert.equal(preflight.headers['access-control-max-age'], '600');
    }
  });

  it('takes a key in three ways, the first one there', async () => {
    await guarded();
    const passed = async (headers: Record<string, string>, url?: string) =>
      (await ask(headers, url)).statusCode !== 401;
    assert.ok(await passed({ 'x-api-key': READ_KEY }));
    assert.ok(await passed({ authorization: `bearer ${READ_KEY}` }));
    assert.ok(await passed({}, `/reports/predictions?api_key=${READ_KEY}`));
    assert.ok(!(await passed({ 'x-api-key': 'wrong', authorization: `Bearer ${READ_KEY}` })));
    assert.ok(!(await passed({ authorization: 'Bearer wrong' }, `/reports/predictions?api_key=${READ_KEY}`)));
    assert.ok(await passed({ authorization: 'Basic wrong' }, `/reports/predictions?api_key=${READ_KEY}`));
  });

  it('takes none from the query when that is switched off', async () => {
    await guarded({ keyInQuery: false });
    assert.equal((await ask({}, `/reports/predictions?api_key=${READ_KEY}`)).statusCode, 401);
  });

  it('reports that a key may read only', async () => {
    await guarded();
    const answer = await app.inject({ method: 'POST', url: CONFIRM, headers: { 'x-api-key': READ_KEY } });
    assert.equal(answer.statusCode, 403);
    assert.match(answer.json().detail, /admin/);
  });

  it('lets an address wait that tried many keys, also with a right one', async () => {
    await guarded();
    const from = (remoteAddress: string, key: string) =>
      app.inject({ url: '/reports/predictions', headers: { 'x-api-key': key }, remoteAddress });
    for (let i = 0; i < 20; i++) assert.equal((await from('203.0.113.9', `guess ${i}`)).statusCode, 401);
    const refused = await from('203.0.113.9', READ_KEY);
    assert.equal(refused.statusCode, 429);
    assert.ok(Number(refused.headers['retry-after']) > 0);
    assert.equal(typeof refused.json().message, 'string');
    assert.notEqual((await from('203.0.113.10', READ_KEY)).statusCode, 429);
  });

  it('distinguishes clients behind a trusted proxy, and behind no other', async () => {
    await guarded({ trustedProxies: ['10.0.0.1'] });
    const via = (remoteAddress: string, client: string, key: string) =>
      app.inject({
        url: '/reports/predictions',
        headers: { 'x-api-key': key, 'x-forwarded-for': client },
        remoteAddress,
      });
    for (let i = 0; i < 20; i++) await via('10.0.0.1', '203.0.113.9', `guess ${i}`);
    assert.equal((await via('10.0.0.1', '203.0.113.9', READ_KEY)).statusCode, 429);
    assert.notEqual((await via('10.0.0.1', '203.0.113.10', READ_KEY)).statusCode, 429);
    for (let i = 0; i < 20; i++) await via('192.0.2.1', `203.0.113.${i}`, `guess ${i}`);
    assert.equal((await via('192.0.2.1', '203.0.113.77', READ_KEY)).statusCode, 429);
  });

  it('logs names, and never a key', async () => {
    const { logger, lines } = recordedLogger();
    await guarded({}, { logger });
    await ask({ 'x-api-key': READ_KEY });
    await ask({}, `/reports/predictions?limit=1&api_key=${READ_KEY}`);
    await ask({}, `/reports/predictions?api%5Fkey=${READ_KEY}`);
    await ask({ authorization: 'Bearer guessed-secret' });
    await app.inject({ method: 'POST', url: CONFIRM, headers: { authorization: `Bearer ${ADMIN_KEY}` }, payload: {} });
    const requests = lines.filter(({ text }) => text === 'request');
    assert.deepEqual(
      requests.map(({ level, facts: { key } }) => [level, key]),
      [
        ['debug', 'dashboard'],
        ['debug', 'dashboard'],
        ['debug', 'dashboard'],
        ['info', undefined],
        ['info', 'ops'],
      ],
    );
    assert.equal(requests[1]?.facts.url, '/reports/predictions?limit=1&api_key=***');
    const all = JSON.stringify(lines, (_, value) => (value instanceof Error ? `${value.stack}` : value));
    for (const secret of [READ_KEY, ADMIN_KEY, 'guessed-secret']) assert.ok(!all.includes(secret));
  });

  it('believes a trusted proxy where a request comes from, but never that it is local', async () => {
    await guarded({ keys: [], trustedProxies: ['127.0.0.1'] });
    const headers = { 'x-forwarded-for': '127.0.0.1' };
    const change = await app.inject({ method: 'POST', url: CONFIRM, headers, payload: { tx_hash: '0x1' } });
    assert.equal(change.statusCode, 403);
  });

  it('is framed by configured origins only', async () => {
    const framed = async (frameOrigins: readonly string[]) => {
      await guarded({ frameOrigins, keys: [] });
      const answers = await Promise.all(['/healthz', '/docs', '/redoc', '/nothing'].map((url) => app.inject(url)));
      return answers.map(({ headers }) => [
        headers['x-frame-options'],
        /frame-ancestors ?([^;]*)/.exec(String(headers['content-security-policy']))?.[1],
      ]);
    };
    assert.deepEqual(await framed([]), Array(4).fill(['DENY', "'none'"]));
    await app.close();
    assert.deepEqual(await framed(['https://ui.example']), Array(4).fill([undefined, "'self' https://ui.example"]));
    assert.deepEqual(securityFrom({ API_FRAME_ORIGINS: ['https://UI.example:8443/'] }).frameOrigins, [
      'https://ui.example:8443',
    ]);
    for (const wrong of ['*', 'ui.example', "'self'", 'https://ui.example/path', 'https://a.example; x'])
      assert.throws(() => securityFrom({ API_FRAME_ORIGINS: [wrong] }), /expected an origin/);
  });

  it('warns of an admin prefix that protects nothing', async () => {
    const { logger, lines } = recordedLogger();
    await guarded({ adminPrefixes: ['/report/predictions', '/reports/predictions'] }, { logger });
    await app.ready();
    assert.deepEqual(
      lines.filter(({ level }) => level === 'warn').map(({ facts }) => facts.prefix),
      ['/report/predictions'],
    );
  });

  it('accepts changes from this machine only while there are no keys', async () => {
    await guarded({ keys: [] });
    const change = (headers: Record<string, string> = {}, remoteAddress = '127.0.0.1') =>
      app.inject({ method: 'POST', url: CONFIRM, headers, remoteAddress, payload: { tx_hash: '0x1' } });
    assert.equal((await change()).statusCode, 503); // it has no log
    assert.equal((await change({}, '203.0.113.9')).statusCode, 403);
    for (const sign of ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip']) {
      const refused = await change({ [sign]: 'localhost' });
      assert.equal(refused.statusCode, 403, sign);
      assert.match(refused.json().detail, new RegExp(`header ${sign} `));
    }
    assert.equal((await change({ origin: 'https://evil.example' })).statusCode, 403);
    assert.equal((await change({ referer: 'https://evil.example/' })).statusCode, 403);
    assert.equal((await change({ 'sec-fetch-site': 'cross-site' })).statusCode, 403);
    assert.equal((await change({ host: 'rebound.example' })).statusCode, 403);
    assert.equal((await ask({ host: 'api.example' })).statusCode, 503);
  });
});
