import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { accessTable, ownPrefixes, type TierName, urlOf } from '../../testing/access-table.ts';
import { unconnectedApp } from '../../testing/unconnected-app.ts';
import { namedKeys } from './keys.ts';
import { defaultSecurity, type SecurityOptions } from './options.ts';

const READ_KEY = 'the-key-of-a-dashboard';
const ADMIN_KEY = 'the-key-of-the-operator';
const keys = namedKeys([`dashboard:read:${READ_KEY}`, `ops:admin:${ADMIN_KEY}`]);

const callers = ['no key', 'a wrong key', 'the read key', 'the admin key'] as const;
const headersOf: Readonly<Record<(typeof callers)[number], Record<string, string>>> = {
  'no key': {},
  'a wrong key': { 'x-api-key': 'the-key-of-nobody-at-all' },
  'the read key': { 'x-api-key': READ_KEY },
  'the admin key': { 'x-api-key': ADMIN_KEY },
};

type Outcome = 'let through' | 401 | 403;
/** In the order of {@link asks}. */
type Outcomes = readonly [Outcome, Outcome, Outcome, Outcome];
const ALL: Outcomes = ['let through', 'let through', 'let through', 'let through'];
const READERS: Outcomes = [401, 401, 'let through', 'let through'];
const OPERATORS: Outcomes = [401, 401, 403, 'let through'];
const NONE_ALLOWED: Outcomes = [403, 403, 403, 403];

interface Configuration {
  readonly security: Partial<SecurityOptions>;
  readonly remoteAddress?: string;
  /** which column of the table holds */
  readonly ownTiers?: true;
  readonly reads: Readonly<Record<TierName, Outcomes>>;
  readonly writes: Outcomes;
}

const configurations: Readonly<Record<string, Configuration>> = {
  'no keys, asked from this machine': {
    security: {},
    reads: { public: ALL, read: ALL, admin: ALL },
    writes: ALL,
  },
  'no keys, asked from another machine': {
    security: {},
    remoteAddress: '203.0.113.9',
    reads: { public: ALL, read: ALL, admin: ALL },
    writes: NONE_ALLOWED,
  },
  keys: {
    security: { keys },
    reads: { public: ALL, read: ALL, admin: OPERATORS },
    writes: OPERATORS,
  },
  'keys, also for reading': {
    security: { keys, readAuth: true },
    remoteAddress: '203.0.113.9',
    reads: { public: ALL, read: READERS, admin: OPERATORS },
    writes: OPERATORS,
  },
  'keys and own prefixes': {
    security: { keys, ...ownPrefixes },
    ownTiers: true,
    reads: { public: ALL, read: ALL, admin: OPERATORS },
    writes: OPERATORS,
  },
  'keys and own prefixes, also for reading': {
    security: { keys, readAuth: true, ...ownPrefixes },
    ownTiers: true,
    reads: { public: ALL, read: READERS, admin: OPERATORS },
    writes: OPERATORS,
  },
};

/** HEAD is of the tier of GET under every configuration; requested under one. */
const WITH_HEAD = 'keys, also for reading';

describe('access to routes', () => {
  it('is listed for every route, and for no other path', async () => {
    const app = await unconnectedApp();
    await app.ready();
    const routes = new Set(
      app.knownRoutes.filter(({ method }) => method !== 'OPTIONS').map(({ method, url }) => `${method} ${url}`),
    );
    await app.close();
    const outcomes = accessTable.flatMap(([method, route]) =>
      (method === 'GET' ? ['GET', 'HEAD'] : [method]).map((each) => `${each} ${route}`),
    );
    const faults = [
      ...[...routes].filter((route) => !outcomes.includes(route)).map((route) => `add a line for ${route}`),
      ...outcomes.filter((route) => !routes.has(route)).map((route) => `there is no route ${route}`),
    ];
    assert.equal(faults.join('\n'), '', `testing/access-table.ts:\n${faults.join('\n')}`);
  });

  for (const [name, { security, remoteAddress, ownTiers, reads, writes }] of Object.entries(configurations))
    describe(`with ${name}`, () => {
      let app: FastifyInstance;
      before(async () => {
        app = await unconnectedApp({ security: { ...defaultSecurity, ...security } });
      });
      after(() => app.close());

      for (const [method, route, tier, ownTier] of accessTable)
        for (const asked of method === 'GET' && name === WITH_HEAD ? ['GET', 'HEAD'] : [method])
          it(`${asked} ${route}`, async () => {
            const outcomes = method === 'GET' || method === 'HEAD' ? reads[ownTiers ? ownTier : tier] : writes;
            for (const [i, ask] of callers.entries()) {
              const { statusCode } = await app.inject({
                method: asked as 'GET',
                url: urlOf(route),
                headers: headersOf[ask],
                ...(remoteAddress && { remoteAddress }),
              });
              const outcome = statusCode === 401 || statusCode === 403 ? statusCode : 'let through';
              assert.equal(outcome, outcomes[i], `${ask}: ${statusCode}`);
            }
          });
    });
});
