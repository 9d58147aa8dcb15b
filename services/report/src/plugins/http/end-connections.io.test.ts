import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import Fastify from 'fastify';
import { endConnections } from './end-connections.ts';

describe('a server that closes', () => {
  it('ends connections whose client does not read the response', async () => {
    const app = Fastify({ forceCloseConnections: 'idle' });
    endConnections(app, 50);
    const block = Buffer.alloc(1024 * 1024);
    app.get('/endless', (_, reply) =>
      reply.send(
        Readable.from(
          (function* () {
            for (;;) yield block;
          })(),
        ),
      ),
    );
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as { port: number };
    const client = connect(port, '127.0.0.1');
    client.on('error', () => undefined);
    client.write('GET /endless HTTP/1.1\r\nHost: here\r\n\r\n');
    await once(client, 'readable');
    const ended = once(client, 'close');
    await app.close();
    client.resume();
    await ended;
    assert.equal(app.server.listening, false);
  });

  it('closes also when it never listened', async () => {
    const app = Fastify();
    endConnections(app);
    await app.inject('/');
    await app.close();
  });
});
