import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultSecurity, securityFrom, securityWarnings } from './options.ts';

describe('security from the environment', () => {
  it('is open without keys', () => assert.deepEqual(securityFrom({}), defaultSecurity));

  it('takes what is set, and lists of prefixes instead of the default ones', () => {
    const security = securityFrom({
      API_KEY: 'the-single-admin-key',
      API_KEYS: ['dashboard:read:the-key-of-the-dashboard'],
      API_READ_AUTH: true,
      API_KEY_IN_QUERY: false,
      API_ADMIN_PREFIXES: ['/reports/predictions'],
      API_PUBLIC_PREFIXES: [],
      API_RATE_LIMIT_PER_MINUTE: 0,
    });
    assert.deepEqual(
      security.keys.map(({ name, tier }) => `${name} ${tier}`),
      ['API_KEY admin', 'dashboard read'],
    );
    assert.deepEqual(security.adminPrefixes, ['/reports/predictions']);
    assert.deepEqual(security.publicPrefixes, defaultSecurity.publicPrefixes);
    assert.deepEqual([security.readAuth, security.keyInQuery, security.rateLimitPerMinute], [true, false, 0]);
  });

  it('warns of settings that work and are not safe', () => {
    assert.deepEqual(securityWarnings({ API_KEY: 'long-enough-not-to-be-guessed', REPORT_API_HOST: '0.0.0.0' }), []);
    assert.deepEqual(securityWarnings({}), []);
    assert.match(securityWarnings({ API_KEY: 'secret' }).join(), /guessed/);
    assert.doesNotMatch(securityWarnings({ API_KEY: 'secret' }).join(), /secret/);
    assert.match(securityWarnings({ REPORT_API_HOST: '0.0.0.0' }).join(), /other machines/);
    assert.match(securityWarnings({ API_READ_AUTH: true }).join(), /no effect/);
  });
});
