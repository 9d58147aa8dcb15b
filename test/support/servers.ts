import {
  findNatsServer,
  type NatsServer,
  type Postgres,
  startNatsServer,
  startPostgres,
  tempDir,
} from '@crunch-node/embedded';

/** A nats-server and a Postgres of one test file. */
export interface Servers {
  readonly nats: NatsServer;
  readonly postgres: Postgres;
  stop(): Promise<void>;
}

export async function startServers(): Promise<Servers> {
  const folder = await tempDir('crunch-e2e-');
  const nats = await startNatsServer({
    binary: (await findNatsServer()).path,
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
