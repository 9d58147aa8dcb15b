import { type NatsServer, type Postgres, startNatsServer, startPostgres, tempDir } from '@crunch-node/embedded';

/** A nats-server and a Postgres of one test file. */
export interface Servers {
  readonly nats: NatsServer;
  readonly postgres: Postgres;
  stop(): Promise<void>;
}

/** `scripts/test` says which nats-server; otherwise it is the one on the PATH. */
export async function startServers(): Promise<Servers> {
  const folder = await tempDir('crunch-e2e-');
  const nats = await startNatsServer({
    binary: process.env.NATS_SERVER_BIN ?? 'nats-server',
    storeDir: `${folder.path}/nats`,
  });
  const postgres = await startPostgres({ dataDir: `${folder.path}/postgres` });
  return {
    nats,
    postgres,
    async stop() {
      await postgres.stop();
      await nats.stop();
      await folder.remove();
    },
  };
}
