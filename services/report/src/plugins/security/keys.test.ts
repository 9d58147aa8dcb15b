import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { adminKey, BadKey, digestOf, findKey, namedKeys } from './keys.ts';
import { presentedKey, urlWithoutKey } from './presented-key.ts';

const READ = 'read-key-of-the-dashboard';
const OPS = 'admin-key-of-operations';

describe('keys', () => {
  it('have a name, a tier and a hash, plain or hashed', () => {
    const keys = namedKeys([`dashboard:read:${READ}`, `ops:admin:sha256:${digestOf(OPS).toString('hex')}`]);
    assert.deepEqual(
      keys.map(({ name, tier }) => [name, tier]),
      [
        ['dashboard', 'read'],
        ['ops', 'admin'],
      ],
    );
    assert.equal(findKey(keys, READ)?.name, 'dashboard');
    assert.equal(findKey(keys, OPS)?.name, 'ops');
    for (const wrong of ['', ` ${READ}`, READ.slice(1), READ.toUpperCase(), digestOf(OPS).toString('hex')])
      assert.equal(findKey(keys, wrong), undefined, wrong);
  });

  it('may contain colons', () => {
    assert.equal(findKey(namedKeys(['a:read:one:two:three:four']), 'one:two:three:four')?.name, 'a');
  });

  it('are one admin key in the old form', () => {
    assert.deepEqual(adminKey('short').tier, 'admin');
    assert.equal(findKey([adminKey('short')], 'short')?.name, 'API_KEY');
    assert.equal(findKey([adminKey(`sha256:${digestOf(OPS).toString('hex')}`)], OPS)?.name, 'API_KEY');
  });

  for (const [fault, entries] of Object.entries({
    'no tier': ['dashboard:secret-secret-secret'],
    'an unknown tier': ['dashboard:write:secret-secret-secret'],
    'no name': [':read:secret-secret-secret'],
    'a key that can be guessed': ['dashboard:read:secret'],
    'half a hash': ['dashboard:read:sha256:00secret00'],
    'a name twice': ['a:read:secret-secret-secret-1', 'a:admin:secret-secret-secret-2'],
    'a key twice': ['a:read:secret-secret-secret', 'b:admin:secret-secret-secret'],
  }))
    it(`are refused with ${fault}, without being printed`, () =>
      assert.throws(
        () => namedKeys(entries),
        (error: Error) => error instanceof BadKey && !error.message.includes('secret'),
      ));
});

describe('the key a request comes with', () => {
  const of = (headers: Record<string, string>, query: object = {}) =>
    presentedKey({ headers, query }, { inQuery: true });

  it('is the first one present', () => {
    const query = { api_key: 'c' };
    assert.equal(of({ 'x-api-key': 'a', authorization: 'Bearer b' }, query), 'a');
    assert.equal(of({ authorization: 'bEARER   b  ' }, query), 'b');
    assert.equal(of({ authorization: 'Basic b' }, query), 'c');
    assert.equal(of({ 'x-api-key': ' ', authorization: 'Bearer ' }, query), 'c');
    assert.equal(of({}, { api_key: ['c', 'd'] }), 'd');
    assert.equal(of({}, { api_key: '' }), undefined);
    assert.equal(of({}), undefined);
  });

  it('is not looked for in the query when that is switched off', () => {
    assert.equal(presentedKey({ headers: {}, query: { api_key: 'c' } }, { inQuery: false }), undefined);
  });

  it('is left out of what is logged, however it is spelt', () => {
    for (const [url, logged] of [
      ['/a?api_key=secret', '/a?api_key=***'],
      ['/a?x=1&api_key=secret&y=2', '/a?x=1&api_key=***&y=2'],
      ['/a?%61pi%5Fkey=secret', '/a?api_key=***'],
      ['/a?API_KEY=secret', '/a?api_key=***'],
      ['/a?%zz=secret', '/a?api_key=***'],
      ['/a#api_key=secret', '/a#api_key=***'],
      ['/a?api_key[]=secret&x=1', '/a?api_key=***&x=1'],
      ['/a?x=1;api_key=secret', '/a?x=1;api_key=***'],
      ['/a?X-API-Key=secret', '/a?api_key=***'],
      ['/a?apikey=secret', '/a?api_key=***'],
      ['/a&api_key=secret', '/a&api_key=***'],
      ['/a;api_key=secret?limit=1', '/a;api_key=***?limit=1'],
      ['/a/api_key=secret', '***'],
      ['/%ff?limit=1', '/%ff?limit=1'],
      ['/a?limit=1', '/a?limit=1'],
      ['/a', '/a'],
    ] as const)
      assert.equal(urlWithoutKey(url), logged);
  });
});
