import assert from 'node:assert/strict';
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { findNatsServer } from './find-nats-server.ts';
import { startNatsServer } from './nats-server.ts';
import { ServerFailed } from './server-failed.ts';
import { tempDir } from './temp-dir.ts';
import { privateNats } from './testing.ts';

/** The INFO message of a server to a new connection. */
async function greeting(port: number): Promise<Record<string, unknown>> {
  const socket = connect(port, '127.0.0.1');
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return JSON.parse(bytes.toString().slice('INFO '.length)) as Record<string, unknown>;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

describe('a private nats-server', () => {
  it('is ready when started, with JetStream and a large maximum payload', async () => {
    const server = await privateNats({ serverName: 'toy' });
    const { jetstream, max_payload, server_name } = await greeting(server.port);
    assert.deepEqual(
      { jetstream, max_payload, server_name },
      { jetstream: true, max_payload: 8388608, server_name: 'toy' },
    );
    await server.stop();
    assert.equal(await exists(`/proc/${server.pid}`), false);
  });

  it('restarts on the same port after a kill and after a stop by signal', async () => {
    const server = await privateNats();
    const { port, pid } = server;
    await server.kill();
    await assert.rejects(greeting(port));
    await server.restart();
    assert.equal(server.port, port);
    assert.notEqual(server.pid, pid);
    await greeting(port);
    await server.restart();
    await greeting(port);
    await server.stop();
  });

  it('can run many times concurrently, each on its own port and folder', async () => {
    const servers = await Promise.all([1, 2, 3, 4].map(() => privateNats()));
    assert.equal(new Set(servers.map(({ port }) => port)).size, 4);
    await Promise.all(servers.map((server) => server.stop()));
  });

  it('is stopped even when it hangs', async () => {
    const server = await privateNats();
    await server.kill('SIGSTOP');
    await server.stop();
    assert.equal(await exists(`/proc/${server.pid}`), false);
  });

  it('reports the end of its log when it does not start, and releases the folder', async () => {
    const folder = await tempDir();
    const { path: binary } = await findNatsServer();
    const start = startNatsServer({ binary, storeDir: folder.path, moreConfig: 'nonsense: {' });
    await assert.rejects(start, (error) => error instanceof ServerFailed && /Parse error/.test(error.message));
    const server = await startNatsServer({ binary, storeDir: folder.path });
    await server.stop();
    assert.match(await readFile(server.logFile, 'utf8'), /Server is ready/);
    await folder.remove();
  });
});
