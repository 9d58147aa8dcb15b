import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openReadModel } from '@crunch-node/projections';
import { createLogger } from '@crunch-node/service';
import type { FastifyInstance } from 'fastify';
import { createApp } from '../app.ts';
import { reportConfig } from '../testing/report-config.ts';

/** None of this asks a database. */
describe('a request', () => {
  const readModel = openReadModel({ url: 'postgres://127.0.0.1:1/none', schema: 'crunch' });
  let app: FastifyInstance;
  before(async () => {
    app = await createApp({
      db: readModel.db,
      config: reportConfig,
      version: '0.1.0',
      logger: createLogger('silent'),
      corsOrigins: ['*'],
      now: async () => '2026-11-21T19:09:00.000000Z',
    });
  });
  after(async () => {
    await app.close();
    await readModel.close();
  });
  const status = async (url: string, method: 'GET' | 'POST' | 'HEAD' = 'GET') => app.inject({ url, method });

  it('says what is wrong with a request', async () => {
    const response = await status('/reports/checkpoints?limit=101');
    assert.equal(response.statusCode, 422);
    const { detail, message } = response.json();
    assert.deepEqual(detail, [
      { type: 'less_than_equal', loc: ['query', 'limit'], msg: 'Expected at most 100', input: '101', ctx: { le: 100 } },
    ]);
    assert.equal(typeof message, 'string');
    for (const url of [
      '/reports/leaderboard?include_ensembles=maybe',
      '/reports/feeds/tail?limit=0',
      '/reports/snapshots?limit=ten',
      '/reports/predictions?start=yesterday',
    ])
      assert.equal((await status(url)).statusCode, 422, url);
  });

  it('refuses what it does not know', async () => {
    const unknown = await status('/reports/nonsense');
    assert.deepEqual([unknown.statusCode, unknown.json()], [404, { detail: 'Not Found', message: 'Not Found' }]);
    const method = await status('/reports/models', 'POST');
    assert.deepEqual([method.statusCode, method.headers.allow], [405, 'GET']);
    assert.equal((await status('/reports/models', 'HEAD')).statusCode, 405);
    const slash = await status('/reports/feeds/tail/?limit=1');
    assert.deepEqual([slash.statusCode, slash.headers.location], [307, '/reports/feeds/tail?limit=1']);
  });

  it('does not repeat an address that has a key in it', async () => {
    for (const [url, code] of [
      ['/reports/models/%ff/status?api_key=the-key-of-the-operator', 400],
      [`/reports/models/${'a'.repeat(3_000)}/status?api_key=the-key-of-the-operator`, 414],
    ] as const) {
      const { statusCode, body } = await status(url);
      assert.equal(statusCode, code);
      assert.ok(body.includes('"detail"') && !body.includes('the-key'), body);
    }
  });

  it('may be asked from any page, without credentials', async () => {
    const preflight = await app.inject({
      method: 'OPTIONS',
      url: '/reports/models',
      headers: {
        origin: 'http://ui.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'x-api-key',
      },
    });
    assert.equal(preflight.statusCode, 204);
    assert.equal(preflight.headers['access-control-allow-origin'], '*');
    assert.equal(preflight.headers['access-control-allow-credentials'], undefined);
    assert.equal(preflight.headers['access-control-max-age'], '600');
    assert.equal(preflight.headers['access-control-allow-headers'], 'x-api-key');
  });
});
