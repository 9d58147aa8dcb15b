import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BadPrefix, defaultTierRules, tiersBy } from './tiers.ts';

const at = (path: string): string[] => path.split('/').slice(1);

describe('the tier of a request', () => {
  const tierOf = tiersBy(defaultTierRules);

  it('is public, read or admin by whole segments', () => {
    assert.equal(tierOf('GET', at('/info')), 'public');
    assert.equal(tierOf('GET', at('/information')), 'read');
    assert.equal(tierOf('GET', at('/reports/models/7/diversity')), 'public');
    assert.equal(tierOf('GET', at('/reports/modelsx')), 'read');
    assert.equal(tierOf('GET', at('/reports/checkpoints/rewards')), 'public');
    assert.equal(tierOf('GET', at('/reports/checkpoints/CKP_1/payload')), 'read');
    assert.equal(tierOf('GET', at('/reports/backfill/jobs')), 'admin');
    assert.equal(tierOf('GET', at('/custom')), 'admin');
    assert.equal(tierOf('GET', at('/CUSTOM')), 'read');
  });

  it('is not public where participants are quoted, under any prefix', () => {
    assert.equal(tierOf('GET', at('/reports/models/7/status')), 'read');
    assert.equal(tierOf('GET', ['reports', 'models', null, 'status']), 'read');
    assert.equal(tierOf('GET', at('/reports/models/status/diversity')), 'public');
    const own = tiersBy({ ...defaultTierRules, publicPrefixes: ['/'], adminPrefixes: ['/reports/models'] });
    assert.equal(own('GET', at('/reports/models/7/status')), 'admin');
    assert.equal(own('GET', at('/reports/models')), 'public');
  });

  it('is admin for every write, also below a public prefix', () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'QUERY']) {
      assert.equal(tierOf(method, at('/reports/models/7')), 'admin', method);
    }
    assert.equal(tierOf('HEAD', at('/reports/models')), 'public');
  });

  it('checks public prefixes first, and only what is below one that ends with a slash', () => {
    const own = tiersBy({ publicPrefixes: ['/a/b'], adminPrefixes: ['/a/'] });
    assert.equal(own('GET', at('/a/b/c')), 'public');
    assert.equal(own('GET', at('/a/c')), 'admin');
    assert.equal(own('GET', at('/a')), 'read');
    const everything = tiersBy({ publicPrefixes: [], adminPrefixes: ['/'] });
    assert.equal(everything('GET', at('/info')), 'admin');
  });

  it('protects unknown paths, and opens nothing for them', () => {
    const own = tiersBy({ publicPrefixes: ['/open/x'], adminPrefixes: ['/closed/x'] });
    assert.equal(own('GET', ['open', null]), 'read');
    assert.equal(own('GET', ['closed', null, 'y']), 'admin');
    assert.equal(own('GET', ['closed']), 'read');
  });

  for (const prefix of [
    '',
    'reports',
    '//reports',
    '/a//b',
    '/a/../b',
    '/a/.',
    '/a%2fb',
    '/a?b',
    '/a#b',
    '/a\\b',
    '/a b',
  ])
    it(`refuses the prefix ${JSON.stringify(prefix)}`, () =>
      assert.throws(() => tiersBy({ publicPrefixes: [prefix], adminPrefixes: [] }), BadPrefix));
});
