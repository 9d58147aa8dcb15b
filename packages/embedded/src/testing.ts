/** Private servers for tests, each in a folder of its own that is removed with it. */
import { findNatsServer } from './find-nats-server.ts';
import { type NatsServer, type NatsServerOptions, startNatsServer } from './nats-server.ts';
import { type Postgres, type PostgresOptions, startPostgres } from './postgres.ts';
import { tempDir } from './temp-dir.ts';

export type { NatsServer } from './nats-server.ts';
export type { Postgres } from './postgres.ts';
export { deployedAccounts, deployedUsers } from './testing/deployed-accounts.ts';
export { type NatsCluster, type NatsClusterOptions, privateNatsCluster } from './testing/nats-cluster.ts';
export { lookUntil, until } from './testing/patient.ts';
export { type PgBouncer, type PgBouncerOptions, pgBouncerMissing, privatePgBouncer } from './testing/pgbouncer.ts';
export { type Program, programAt } from './testing/program.ts';
export { type SmallDisk, smallDisk } from './testing/small-disk.ts';

/** A nats-server for one test file. `stop()` removes its folder. */
export const privateNats = (options: Partial<NatsServerOptions> = {}): Promise<NatsServer> =>
  inTempDir('crunch-nats-', async (storeDir) =>
    startNatsServer({ storeDir, ...options, binary: options.binary ?? (await findNatsServer()).path }),
  );

/** A Postgres for one test file. `stop()` removes its folder. */
export const privatePostgres = (options: Partial<PostgresOptions> = {}): Promise<Postgres> =>
  inTempDir('crunch-postgres-', (dataDir) => startPostgres({ dataDir, ...options }));

async function inTempDir<S extends { stop(): Promise<void> }>(
  prefix: string,
  start: (folder: string) => Promise<S>,
): Promise<S> {
  const folder = await tempDir(prefix);
  const server = await start(folder.path).catch(async (error: unknown) => {
    await folder.remove();
    throw error;
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    await folder.remove();
  };
  // Inherits, since a copy would freeze the values of the server's getters.
  return Object.create(server, { stop: { value: stop } }) as S;
}
