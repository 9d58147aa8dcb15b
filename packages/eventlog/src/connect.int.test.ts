import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { freePort, tempDir } from '@crunch-node/embedded';
import { privateNats } from '@crunch-node/embedded/testing';
import { type ConnectOptions, connectLog } from './connect.ts';
import { CannotReach, JetStreamOff, PayloadTooSmall, ServerTooOld, WrongCredentials } from './errors.ts';
import { said, say } from './testing/toys.ts';

const USERS = 'authorization { user: alice, password: "p@ss/word" }';
const NO_ACCOUNT_JETSTREAM =
  'accounts { A: { users: [{ user: a, password: a }] }, B: { jetstream: enabled, users: [{ user: b, password: b }] } }';

async function withServer(
  options: Parameters<typeof privateNats>[0],
  work: (server: { url: string; port: number }) => Promise<void>,
): Promise<void> {
  const server = await privateNats(options);
  try {
    await work(server);
  } finally {
    await server.stop();
  }
}

const opens = async (options: ConnectOptions): Promise<void> => (await connectLog(options)).close();

describe('connecting', () => {
  it('reports that no server listens on the address', async () => {
    const url = `nats://127.0.0.1:${await freePort()}`;
    await assert.rejects(connectLog({ url }), (error) => error instanceof CannotReach && error.message.includes(url));
  });

  it('reports that JetStream is disabled, in the server or in the account', async () => {
    await withServer({ jetStream: false }, ({ url }) => assert.rejects(connectLog({ url }), JetStreamOff));
    await withServer({ moreConfig: NO_ACCOUNT_JETSTREAM }, async ({ url }) => {
      await assert.rejects(connectLog({ url, user: 'a', pass: 'a' }), JetStreamOff);
      await opens({ url, user: 'b', pass: 'b' });
    });
  });

  it('uses the JetStream of the server to which one without it is a leaf node', async () => {
    const folder = await tempDir('crunch-hub-');
    const port = await freePort();
    const hub = `jetstream { domain: hub, store_dir: "${folder.path}" }\nleafnodes { listen: "127.0.0.1:${port}" }`;
    const leaf = `leafnodes { remotes: [{ url: "nats://127.0.0.1:${port}" }] }\ndefault_js_domain: { "$G": hub }`;
    try {
      await withServer({ jetStream: false, moreConfig: hub }, () =>
        withServer({ jetStream: false, moreConfig: leaf }, async ({ url }) => {
          const log = await connectLog({ url });
          await log.ensureStreams([said]);
          const publisher = log.publisher();
          assert.equal((await publisher.append(said, say('leaf', 0))).sequence, 1);
          assert.equal((await log.info(said)).lastSequence, 1);
          await publisher.close();
          await log.close();
        }),
      );
    } finally {
      await folder.remove();
    }
  });

  it('reports wrong credentials without printing them', () =>
    withServer({ moreConfig: USERS }, async ({ url, port }) => {
      await assert.rejects(connectLog({ url }), WrongCredentials);
      const wrong = `nats://alice:secret@127.0.0.1:${port}`;
      await assert.rejects(
        connectLog({ url: wrong }),
        (error) => error instanceof WrongCredentials && !error.message.includes('secret'),
      );
      await opens({ url, user: 'alice', pass: 'p@ss/word' });
      await opens({ url: `nats://alice:p%40ss%2Fword@127.0.0.1:${port}` });
    }));

  it('accepts a token', () =>
    withServer({ moreConfig: 'authorization { token: sesame }' }, async ({ url, port }) => {
      await assert.rejects(connectLog({ url, token: 'wrong' }), WrongCredentials);
      await opens({ url, token: 'sesame' });
      await opens({ url: `nats://sesame@127.0.0.1:${port}` });
    }));

  it('compares the maximum payload with the required one', () =>
    withServer({ maxPayloadBytes: 1024 * 1024 }, async ({ url }) => {
      await assert.rejects(
        connectLog({ url, requiredMaxPayload: 8 * 1024 * 1024 }),
        (error) => error instanceof PayloadTooSmall && error.required === 8388608 && error.received === 1048576,
      );
      const log = await connectLog({ url, requiredMaxPayload: 1024 * 1024 });
      assert.equal(log.capabilities.maxPayload, 1048576);
      await log.close();
    }));

  it('refuses a server that is too old', async () => {
    // No package provides a version that old, so this server only greets like one.
    const greeting = {
      server_id: 'x',
      version: '2.8.4',
      jetstream: true,
      headers: true,
      max_payload: 1048576,
      proto: 1,
    };
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write(`INFO ${JSON.stringify(greeting)}\r\n`);
      socket.on('data', (bytes) => bytes.includes('PING') && socket.write('PONG\r\n'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `nats://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await assert.rejects(
      connectLog({ url }),
      (error) => error instanceof ServerTooOld && error.version === '2.8.4' && error.minimum === '2.9.0',
    );
    server.close();
  });

  it('reports when the connection is lost and restored', async () => {
    const server = await privateNats();
    const states: string[] = [];
    const reconnected = new Promise<void>((resolve, reject) => {
      connectLog({
        url: server.url,
        onStatus: ({ state }) => {
          states.push(state);
          if (state === 'reconnected') resolve();
        },
      }).then(async (log) => {
        await server.kill();
        await server.restart();
        await reconnected;
        assert.equal(log.connected, true);
        await log.close();
      }, reject);
    });
    await reconnected;
    assert.deepEqual(states.slice(0, 2), ['disconnected', 'reconnected']);
    await server.stop();
  });
});
