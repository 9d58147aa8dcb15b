import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openReadModel } from '@crunch-node/projections';
import { createLogger } from '@crunch-node/service';
import type { FastifyInstance } from 'fastify';
import { createApp } from '../../app.ts';
import { reportConfig } from '../../testing/report-config.ts';

/** None of these requests queries a database. */
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

  it('is refused with a text that names the fault', async () => {
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

  it('reads one of a few words in any case, and names them all when it is another', async () => {
    const choices: readonly [path: string, word: string, words: string][] = [
      ['/reports/predictions?status=', 'scored', 'PENDING, SCORED, FAILED, ABSENT'],
      ['/reports/checkpoints?status=', 'Paid', 'PENDING, SUBMITTED, CLAIMABLE, PAID'],
      ['/reports/backfill/jobs?status=', 'RUNNING', 'pending, running, completed, failed, cancelled'],
      ['/data/backfill/a/b/c/d?format=', 'CSV', 'parquet, csv, json, arrow'],
      ['/data/backfill/a/b/c/d?columns=close,', 'OPEN', 'close'],
    ];
    for (const [path, word, words] of choices) {
      assert.ok(
        [404, 503].includes((await status(path + word)).statusCode),
        `${path}${word}: there is nothing behind it`,
      );
      for (const wrong of ['done', `${word}x`, 'PENDING%20or%20PAID']) {
        const { statusCode, body } = await status(path + wrong);
        assert.equal(statusCode, 422, path + wrong);
        assert.ok(body.includes(words) && body.includes(decodeURIComponent(wrong)), body);
      }
    }
  });

  it('does not ignore a parameter that is misspelt by case or brackets', async () => {
    for (const [url, name] of [
      ['/reports/predictions?projectIds[]=alice&projectIds[]=bob', 'projectIds[]'],
      ['/reports/models/global?projectIds%5B%5D=alice', 'projectIds[]'],
      ['/reports/models/params?projectIds[0]=alice', 'projectIds[0]'],
      ['/reports/models/summary?projectids=alice', 'projectids'],
      ['/reports/checkpoints?Status=PAID', 'Status'],
      ['/reports/feeds/tail?limit[]=1', 'limit[]'],
      ['/data/backfill/a/b/c/d?columns[]=close', 'columns[]'],
    ]) {
      const response = await status(url!);
      assert.equal(response.statusCode, 422, url);
      assert.deepEqual(response.json().detail[0].loc, ['query', name]);
    }
    assert.equal((await status('/reports/schema?projectIds[]=alice&nonsense=1')).statusCode, 200);
  });

  it('reads times strictly, wherever there is one', async () => {
    const document = (await app.inject('/openapi.json')).json();
    const times = Object.entries<
      Record<string, { parameters?: { name: string; schema: object; description?: string }[] }>
    >(document.paths).flatMap(([path, { get }]) =>
      (get?.parameters ?? []).flatMap(({ name, description = '' }) =>
        description.includes('ISO date') ? [`${path.replaceAll(/\{\w+\}/g, 'x')}?${name}=`] : [],
      ),
    );
    assert.ok(times.length > 20, String(times.length));
    for (const url of times) {
      for (const wrong of [
        '20261118',
        '202611181907',
        '2026',
        'yesterday',
        '1795288037605149',
        '2026-11-18T19:07 17',
        '',
      ]) {
        const { statusCode, body } = await status(url + encodeURIComponent(wrong));
        assert.equal(statusCode, 422, url + wrong);
        if (wrong === '20261118') assert.match(body, /a date is written 2026-11-18/);
      }
      const right = `${url}2026-11-18T19:07:17+00:00`;
      assert.notEqual((await status(right)).statusCode, 422, right);
    }
  });

  it('is refused for an unknown path or method', async () => {
    const unknown = await status('/reports/nonsense');
    assert.deepEqual([unknown.statusCode, unknown.json()], [404, { detail: 'Not Found', message: 'Not Found' }]);
    const method = await status('/reports/models', 'POST');
    assert.deepEqual([method.statusCode, method.headers.allow], [405, 'GET, HEAD']);
    assert.equal((await status('/reports/nonsense', 'HEAD')).statusCode, 404);
    const slash = await status('/reports/feeds/tail/?limit=1');
    assert.deepEqual([slash.statusCode, slash.headers.location], [307, '/reports/feeds/tail?limit=1']);
  });

  it('has HEAD wherever GET is, with the headers of GET and no body', async () => {
    const paths = app.knownRoutes.filter(({ method }) => method === 'GET').map(({ url }) => url);
    for (const path of paths) {
      const url = path.replaceAll(/:\w+/g, 'x').replace('*', 'swagger-ui.css');
      const [get, head] = [await status(url), await status(url, 'HEAD')];
      assert.deepEqual([head.statusCode, head.body], [get.statusCode, ''], url);
      assert.equal(head.headers['content-type'], get.headers['content-type'], url);
      if (get.statusCode === 200) assert.equal(head.headers['content-length'], get.headers['content-length'], url);
    }
    assert.ok(['/healthz', '/readyz', '/openapi.json', '/live/leaderboard'].every((path) => paths.includes(path)));
    const { headers } = await status('/reports/schema');
    const known = { 'if-none-match': String(headers.etag) };
    const same = await app.inject({ url: '/reports/schema', method: 'HEAD', headers: known });
    assert.deepEqual(
      [same.statusCode, same.headers.etag, same.headers['content-length']],
      [304, headers.etag, undefined],
    );
  });

  it('is refused without repeating an address that has a key in it', async () => {
    for (const [url, code] of [
      ['/reports/models/%ff/status?api_key=the-key-of-the-operator', 400],
      [`/reports/models/${'a'.repeat(3_000)}/status?api_key=the-key-of-the-operator`, 414],
    ] as const) {
      const { statusCode, body } = await status(url);
      assert.equal(statusCode, code);
      assert.ok(body.includes('"detail"') && !body.includes('the-key'), body);
    }
  });

  it('is allowed from any page, without credentials', async () => {
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
