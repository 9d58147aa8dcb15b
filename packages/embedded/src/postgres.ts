import { join, resolve } from 'node:path';
import pg from 'pg';
import { claimFolder } from './claim.ts';
import { freePort } from './free-port.ts';
import { type OwnedProcess, startOwned } from './owned-process.ts';
import { postgresBinaries } from './postgres-binaries.ts';
import { ENVIRONMENT, ensureCluster, removeStaleLock, SUPERUSER } from './postgres-cluster.ts';
import { type PostgresTls, tlsOf } from './postgres-tls.ts';
import { postgresUser } from './postgres-user.ts';
import { type PrivateServer, startPrivate } from './private-server.ts';
import { until } from './until.ts';

export interface PostgresOptions {
  /** folder of all its files: cluster, log, password; an existing cluster is reused */
  readonly dataDir: string;
  /** default: a free one */
  readonly port?: number;
  /** created when missing, default `crunch` */
  readonly database?: string;
  /** default: none */
  readonly tls?: PostgresTls;
  /** called with one line about each wait */
  readonly print?: (text: string) => void;
}

export type Postgres = PrivateServer;

/** A private Postgres on 127.0.0.1, ready for connections. It ends when this process ends. Also runs as root. */
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
    const { args: tlsArgs, query } = await tlsOf(dataDir, options.tls, runAs);
    const urlOf = (name: string): string => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${name}${query}`;
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
            ...tlsArgs,
          ],
          logFile,
          deathSignal: 'SIGQUIT', // ends its children too, unlike SIGKILL
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
        if (isTaken && !wasReady) port = options.port ?? 0; // another process took the port first
        // After a kill its children need a moment to notice it.
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
  client.on('error', () => {}); // the server may go away while connecting
  try {
    await client.connect();
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === '28P01') throw error; // the password does not match the cluster: retrying is useless
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
