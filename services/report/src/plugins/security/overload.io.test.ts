import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { unconnectedApp } from '../../testing/unconnected-app.ts';
import { defaultSecurity, type SecurityOptions } from './options.ts';

const LONGEST_WAIT_MS = 60_000;

describe('overload', () => {
  let app: FastifyInstance;
  afterEach(() => app.close());
  const limited = async (security: Partial<SecurityOptions>) => {
    app = await unconnectedApp({ security: { ...defaultSecurity, ...security } });
  };
  const from = (remoteAddress: string, url = '/info', headers: Record<string, string> = {}) =>
    app.inject({ url, remoteAddress, headers });

  it('of one address is refused for any path, with when to try again', async () => {
    await limited({ rateLimitPerMinute: 3 });
    assert.equal((await from('203.0.113.9')).statusCode, 200);
    assert.equal((await from('203.0.113.9', '/nonsense')).statusCode, 404);
    assert.equal((await from('203.0.113.9')).statusCode, 200);
    const refused = await from('203.0.113.9', '/info', { origin: 'https://ui.example' });
    assert.equal(refused.statusCode, 429);
    assert.ok(Number(refused.headers['retry-after']) > 0);
    assert.deepEqual(Object.keys(refused.json()), ['detail', 'message']);
    assert.equal(refused.headers['access-control-allow-origin'], '*');
    assert.equal((await from('203.0.113.10')).statusCode, 200);
  });

  it('is not counted for requests from this machine', async () => {
    await limited({ rateLimitPerMinute: 1 });
    for (let i = 0; i < 5; i++) assert.equal((await from('127.0.0.1')).statusCode, 200);
    const proxied = { 'x-forwarded-for': '203.0.113.9' };
    await from('127.0.0.1', '/info', proxied);
    assert.equal((await from('127.0.0.1', '/info', proxied)).statusCode, 429);
  });

  it('is never reported when there is no limit', async () => {
    await limited({ rateLimitPerMinute: 0 });
    for (let i = 0; i < 50; i++) assert.equal((await from('203.0.113.9')).statusCode, 200);
  });

  it('of the process is a 503, and no reason to restart it', async () => {
    await limited({ maxEventLoopDelayMs: 1 });
    const until = performance.now() + LONGEST_WAIT_MS;
    let answer = await from('127.0.0.1');
    while (answer.statusCode !== 503 && performance.now() < until) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40); // nothing else is done meanwhile
      await delay(1);
      answer = await from('127.0.0.1');
      if (answer.statusCode === 503) assert.equal((await from('127.0.0.1', '/healthz')).statusCode, 200);
    }
    assert.equal(answer.statusCode, 503);
    assert.equal(answer.headers['retry-after'], '10');
    assert.deepEqual(Object.keys(answer.json()), ['detail', 'message']);
  });
});
