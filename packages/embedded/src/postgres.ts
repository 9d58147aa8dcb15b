import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { claimFolder } from './claim.ts';
import { endInOrder } from './end-in-order.ts';
import { freePort } from './free-port.ts';
import { type OwnedProcess, type RunAs, startOwned } from './owned-process.ts';
import { postgresBinaries } from './postgres-binaries.ts';
import { ENVIRONMENT, ensureCluster, removeStaleLock, SUPERUSER } from './postgres-cluster.ts';
import { postgresUser } from './postgres-user.ts';
import { ServerFailed, sizeOf, tailOf } from './server-failed.ts';
import { until } from './until.ts';

export interface PostgresOptions {
  /** everything it writes: cluster, log, password; a cluster that is there already is used */
  readonly dataDir: string;
  /** default: a free one */
  readonly port?: number;
  /** created when missing, default `crunch` */
  readonly database?: string;
  /** told in one line what is being waited for */
  readonly say?: (text: string) => void;
}

export interface Postgres {
  /** with the password */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly logFile: string;
  /** false once it has ended, for whatever reason */
  readonly running: boolean;
  /** Default SIGKILL. Resolves when the process is gone; the folder stays ours. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it in order and gives the folder back. */
  stop(): Promise<void>;
  /** Starts it again on the same port and folder, after stopping it if it runs. */
  restart(): Promise<void>;
}

/** A private Postgres on 127.0.0.1, ready for connections. It ends when this process ends. Runs as root too. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { database = 'crunch', say = () => {} } = options;
  const dataDir = resolve(options.dataDir);
  const logFile = join(dataDir, 'postgres.log');
  const cluster = join(dataDir, 'cluster');
  const binaries = await postgresBinaries();
  const claim = await claimFolder(dataDir);
  let port = options.port ?? 0;
  let current: OwnedProcess | undefined;
  let wasReady = false;
  let password = '';
  let runAs: RunAs | undefined;

  const urlOf = (name: string): string => `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${name}`;

  async function launch(): Promise<void> {
    await removeStaleLock(cluster);
    if (port === 0) port = await freePort();
    const started = await startOwned({
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
    current = started;
    await claim.record(started.pid);
    await until('Postgres to be ready', () => accepts(started, urlOf('postgres')), { deadlineMs: 120_000 });
    wasReady = true;
  }

  async function launchOrExplain(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const logged = await sizeOf(logFile);
      try {
        return await launch();
      } catch (error) {
        if (current !== undefined) await current.kill('SIGQUIT');
        const log = await tailOf(logFile, logged);
        const portTaken = log.includes('could not bind');
        // After a kill its children need a moment to see that they are alone.
        if ((portTaken || log.includes('shared memory block')) && attempt < 50) {
          if (portTaken && !wasReady) port = options.port ?? 0; // somebody was faster: another one will do
          await delay(100);
          continue;
        }
        throw new ServerFailed('Postgres', logFile, log, error);
      }
    }
  }

  try {
    runAs = await postgresUser([dataDir, binaries.folder]);
    password = await ensureCluster({ dataDir, cluster, logFile, binaries, runAs, say });
    await launchOrExplain();
    await createDatabase(urlOf('postgres'), database);
  } catch (error) {
    await current?.kill('SIGQUIT');
    await claim.release();
    throw error;
  }
  return {
    get url() {
      return urlOf(database);
    },
    get port() {
      return port;
    },
    get pid() {
      return current!.pid;
    },
    logFile,
    get running() {
      return current!.exit === null;
    },
    kill: (signal = 'SIGKILL') => current!.kill(signal),
    async stop() {
      await endInOrder(current!, 'SIGINT', 'SIGQUIT');
      await claim.release();
    },
    async restart() {
      await endInOrder(current!, 'SIGINT', 'SIGQUIT');
      await launchOrExplain();
    },
  };
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
