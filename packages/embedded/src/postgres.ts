import { join, resolve } from 'node:path';
import pg from 'pg';
import { claimFolder } from './claim.ts';
import { freePort } from './free-port.ts';
import { type OwnedProcess, startOwned } from './owned-process.ts';
import { postgresBinaries } from './postgres-binaries.ts';
import { ENVIRONMENT, ensureCluster, removeStaleLock, SUPERUSER } from './postgres-cluster.ts';
import { postgresUser } from './postgres-user.ts';
import { type PrivateServer, startPrivate } from './private-server.ts';
import { until } from './until.ts';

export interface PostgresOptions {
  /** everything it writes: cluster, log, password; a cluster that is there already is used */
  readonly dataDir: string;
  /** default: a free one */
  readonly port?: number;
  /** created when missing, default `crunch` */
  readonly database?: string;
  /** told in one line what is being waited for */
  readonly print?: (text: string) => void;
}

export type Postgres = PrivateServer;

/** A private Postgres on 127.0.0.1, ready for connections. It ends when this process ends. Runs as root too. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { database = 'crunch', print = () => {} } = options;
  const dataDir = resolve(options.dataDir);
  const logFile = join(dataDir, 'postgres.log');
  const cluster = join(dataDir, 'cluster');
  const binaries = await postgresBinaries();
  const claim = await claimFolder(dataDir);
  let server: PrivateServer | undefined;
  try {
    const runAs = await postgresUser([dataDir, binaries.folder]);
    const password = await ensureCluster({ dataDir, cluster, logFile, binaries, runAs, print });
    let port = options.port ?? 0;
    let wasReady = false;
    const urlOf = (name: string): string => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${name}`;
    server = await startPrivate({
      name: 'Postgres',
      logFile,
      claim,
      ask: 'SIGINT',
      force: 'SIGQUIT',
      url: () => urlOf(database),
      port: () => port,
      async start() {
        await removeStaleLock(cluster);
        if (port === 0) port = await freePort();
        return startOwned({
          command: binaries.postgres,
          args: [
            ...['-D', cluster, '-p', String(port)],
            ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
            ...['-c', 'timezone=UTC', '-c', 'log_timezone=UTC'],
          ],
          logFile,
          deathSignal: 'SIGQUIT', // takes its children with it, unlike SIGKILL
          env: ENVIRONMENT,
          ...(runAs && { runAs }),
        });
      },
      async ready(started) {
        await until('Postgres to be ready', () => accepts(started, urlOf('postgres')), { deadlineMs: 120_000 });
        wasReady = true;
      },
      triesAgain(log) {
        const isTaken = log.includes('could not bind');
        if (isTaken && !wasReady) port = options.port ?? 0; // somebody was faster: another one will do
        // After a kill its children need a moment to see that they are alone.
        return isTaken || log.includes('shared memory block');
      },
    });
    await createDatabase(urlOf('postgres'), database);
    return server;
  } catch (error) {
    await server?.kill('SIGQUIT');
    await claim.release();
    throw error;
  }
}

async function accepts(server: OwnedProcess, url: string): Promise<boolean> {
  if (server.exit !== null) throw new Error(`it ended with ${server.exit.signal ?? server.exit.code}`);
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {}); // a server that goes away while we connect
  try {
    await client.connect();
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === '28P01') throw error; // the password is not that of the cluster: it never will be
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function createDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
