import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type NatsServer, privateNats } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import type { FastifyInstance } from 'fastify';
import { unconnectedApp } from './testing/unconnected-app.ts';

describe('a change whose owner is away', () => {
  let server: NatsServer;
  let log: EventLog;
  let app: FastifyInstance;
  before(async () => {
    server = await privateNats();
    log = await connectLog({ url: server.url });
    app = await unconnectedApp({ log });
  });
  after(async () => {
    await app.close();
    await log.close();
    await server.stop();
  });

  const asked = [
    ['POST', '/reports/checkpoints/CKP_1/confirm', { tx_hash: '0x1' }],
    ['PATCH', '/reports/checkpoints/CKP_1/status', { status: 'PAID' }],
  ] as const;

  async function refusedForNow(): Promise<void> {
    for (const [method, url, payload] of asked) {
      const answer = await app.inject({ method, url, payload });
      assert.equal(answer.statusCode, 503, `${url}: ${answer.body}`);
      assert.match(String(answer.headers['retry-after']), /^\d+$/, url);
    }
  }

  it('is refused for now, with when to try again', refusedForNow);

  it('is refused for now also while the log is away', async () => {
    await server.kill();
    await refusedForNow();
    await server.restart();
  });
});
