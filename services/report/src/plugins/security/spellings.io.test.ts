import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { rawRequest } from '../../testing/raw-request.ts';
import { unconnectedApp } from '../../testing/unconnected-app.ts';
import { namedKeys } from './keys.ts';
import { defaultSecurity } from './options.ts';

/** Routes that query the database or the log: when the handler is reached, the response is 503, since there is none. */
const PROTECTED = [
  ['GET', '/reports/predictions'],
  ['GET', '/reports/checkpoints/CKP_1/payload'],
  ['GET', '/signals/ensemble/main'],
  ['POST', '/tournament/rounds/r1/inference'],
  ['POST', '/reports/checkpoints/CKP_1/confirm'],
  ['PATCH', '/reports/checkpoints/CKP_1/status'],
] as const;

const percent = (text: string): string =>
  [...text].map((char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');

/** Other ways to write a path, some of which are equivalent and some not. */
function spellingsOf(path: string): string[] {
  const [, first = '', ...rest] = path.split('/');
  const tail = rest.join('/');
  const last = rest.at(-1) ?? '';
  const publicPlaces = [
    '/healthz',
    '/reports/leaderboard',
    '/reports/models',
    '/docs',
    '/docs/static',
    '/openapi.json',
  ];
  const separators = ['/', '%2f', '%2F', '\\', '%5c', '%255c', '%c0%af', '%ef%bc%8f'];
  return [
    path,
    `${path}/`,
    `${path}//`,
    `/${path}`,
    `//${path}`,
    `/.${path}`,
    `/%2e${path}`,
    `/${first}/./${tail}`,
    `/${first}/%2e/${tail}`,
    `/${first}//${tail}`,
    `/${first}%2f${tail}`,
    `/${first}%5c${tail}`,
    `/${first}\\${tail}`,
    `/${percent(first)}/${tail}`,
    `/%${first.charCodeAt(0).toString(16).toUpperCase()}${first.slice(1)}/${tail}`,
    `/${first}/${percent(tail)}`,
    path.toUpperCase(),
    path.replace(first, first.toUpperCase()),
    `${path};`,
    `${path};a=b`,
    `/${first};a=b/${tail}`,
    `${path}%00`,
    `${path}%20`,
    `${path}%09`,
    `${path}.json`,
    `${path}%3f`,
    `${path}%23`,
    `${path}?`,
    `${path}#`,
    `${path}?api_key=`,
    `${path}/..`,
    `${path}/../${last}`,
    `http://localhost${path}`,
    `HTTP://healthz/..${path}`,
    ...publicPlaces.flatMap((place) =>
      separators.flatMap((separator) => [
        `${place}${separator}..${path}`,
        `${place}/..${separator}..${path}`,
        `${place}${separator}%2e%2e${path}`,
        `${place}/${path.slice(1).replaceAll('/', separator)}`,
      ]),
    ),
  ];
}

/** Headers that make proxies or frameworks use another path or method. */
const OVERRIDES = [
  { 'x-original-url': '/healthz' },
  { 'x-rewrite-url': '/healthz' },
  { 'x-http-method-override': 'GET' },
  { 'x-http-method': 'OPTIONS' },
  { 'x-forwarded-prefix': '/docs' },
  { 'x-forwarded-for': '127.0.0.1' },
  { 'x-api-key': '' },
  { authorization: 'Bearer ' },
  { authorization: 'Basic b3BzOnRoZS1rZXktb2YtdGhlLW9wZXJhdG9y' },
];

describe('a protected path, in any spelling,', () => {
  let app: FastifyInstance;
  let url: string;
  before(async () => {
    const keys = namedKeys(['ops:admin:the-key-of-the-operator']);
    app = await unconnectedApp({ security: { ...defaultSecurity, keys, readAuth: true } });
    url = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  after(() => app.close());

  for (const [method, path] of PROTECTED) {
    it(`is not reached without a key: ${method} ${path}`, async () => {
      for (const target of spellingsOf(path)) {
        const { status, body } = await rawRequest(url, target, { method });
        assert.ok([400, 401, 403, 404, 405, 307].includes(status), `${target}: ${status} ${body}`);
      }
      for (const headers of OVERRIDES) {
        const { status } = await rawRequest(url, path, { method, headers });
        assert.equal(status, 401, JSON.stringify(headers));
      }
    });

    it(`is the same path when the router takes it for that: ${method} ${path}`, async () => {
      const headers = { 'x-api-key': 'the-key-of-the-operator', 'content-type': 'application/json' };
      const body = method === 'GET' ? '' : '{"features":[{}],"tx_hash":"0x1","status":"PAID"}';
      for (const target of [path, `${path}?`, `/${percent(path.slice(1, 4))}${path.slice(4)}`]) {
        const { status } = await rawRequest(url, target, { method, headers, ...(body && { body }) });
        assert.notEqual(status, 401, target);
      }
    });
  }

  it('is not reached by another method', async () => {
    for (const method of ['HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE', 'PROPFIND', 'QUERY', 'MKCOL', 'LOCK'])
      for (const [, path] of PROTECTED) {
        const { status } = await rawRequest(url, path, { method });
        assert.ok([204, 400, 401, 404, 405].includes(status), `${method} ${path}: ${status}`);
      }
  });
});
