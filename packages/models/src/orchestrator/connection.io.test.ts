import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import { eventually } from '../testing/world.ts';
import { connectOrchestrator, type OrchestratorOptions } from './connection.ts';
import type { OrchestratorMessage } from './messages.ts';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const INIT = '{"event": "init", "data": []}';
const report = (model_id: string) =>
  ({ model_id, failure_code: 'MULTIPLE_FAILED', failure_reason: null, ip: '10.0.0.1' }) as const;

async function open(
  t: TestContext,
  serve: (client: WebSocket, request: IncomingMessage) => void,
  options: Partial<OrchestratorOptions> = {},
) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, autoPong: false });
  await once(server, 'listening');
  server.on('connection', serve);
  const { port } = server.address() as AddressInfo;
  const messages: OrchestratorMessage[] = [];
  const connection = connectOrchestrator({
    url: `ws://127.0.0.1:${port}/`,
    crunchId: 'a crunch/1',
    maxMessageBytes: 100_000,
    timing: { backOffMs: [5, 20], pingMs: 20_000 },
    log: silent,
    onMessage: (message) => messages.push(message),
    ...options,
  });
  t.after(async () => {
    await connection.close();
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return { connection, server, messages };
}

describe('the connection to the orchestrator', () => {
  it('requests the crunch by path, with a bearer token when there is one', async (t) => {
    const requests: IncomingMessage[] = [];
    const serve = (client: WebSocket, request: IncomingMessage) => {
      requests.push(request);
      client.send(INIT);
    };
    const { connection, messages } = await open(t, serve, { bearer: 'secret' });
    await eventually('init is in', () => messages.length === 1);
    assert.ok(connection.connected);
    assert.equal(requests[0]?.url, '/a%20crunch%2F1');
    assert.equal(requests[0]?.headers.authorization, 'Bearer secret');
  });

  it('is re-established without a limit of attempts', async (t) => {
    let connects = 0;
    const serve = (client: WebSocket) => {
      connects += 1;
      if (connects % 2 === 0) client.send('{"error": "not now"}', () => client.close());
      else client.terminate();
    };
    const { messages } = await open(t, serve);
    await eventually('it has come back ten times', () => connects >= 10);
    assert.ok(messages.every(({ event }) => event === 'error'));
  });

  it('drops a connection that does not respond to pings', async (t) => {
    let connects = 0;
    const serve = (client: WebSocket) => {
      connects += 1;
      client.send(INIT); // and no pong ever
    };
    await open(t, serve, { timing: { backOffMs: [5, 20], pingMs: 30 } });
    await eventually('it connects again', () => connects >= 3);
  });

  it('keeps reports until the orchestrator is connected, in order', async (t) => {
    const received: string[] = [];
    let listening = false;
    const serve = (client: WebSocket) => {
      if (!listening) return client.terminate();
      client.send(INIT);
      client.on('message', (data) => received.push(JSON.parse(data.toString()).data[0].model_id));
    };
    const { connection } = await open(t, serve);
    connection.report(report('1'));
    connection.report(report('2'));
    listening = true;
    await eventually('both were received', () => received.length === 2);
    connection.report(report('3'));
    await eventually('the third was received', () => received.length === 3);
    assert.deepEqual(received, ['1', '2', '3']);
  });

  it('closes while it waits for the next attempt', async (t) => {
    const { connection } = await open(t, (client) => client.terminate(), {
      timing: { backOffMs: [60_000, 60_000], pingMs: 20_000 },
    });
    await eventually('the first attempt is over', () => !connection.connected);
    await connection.close();
  });

  it('refuses what is no WebSocket', () => {
    const options = {
      crunchId: 'c',
      maxMessageBytes: 1,
      timing: { backOffMs: [1, 1], pingMs: 1 },
      log: silent,
    } as const;
    assert.throws(() => connectOrchestrator({ ...options, url: 'http://x', onMessage: () => undefined }), TypeError);
  });
});
