import { type NatsServer, startNatsServer, tempDir } from '@crunch-node/embedded';

/** A nats-server for one test file. `scripts/test` says which executable; otherwise it is the one on the PATH. */
export async function privateNats(): Promise<NatsServer> {
  const folder = await tempDir('crunch-nats-');
  const server = await startNatsServer({
    binary: process.env.NATS_SERVER_BIN ?? 'nats-server',
    storeDir: folder.path,
  });
  return {
    ...server,
    async stop() {
      await server.stop();
      await folder.remove();
    },
  };
}
