/** A PgBouncer in front of a private Postgres, for tests. It ends when this process ends. */
import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../free-port.ts';
import { type OwnedProcess, startOwned } from '../owned-process.ts';
import { postgresUser } from '../postgres-user.ts';
import { ServerFailed, tailOf } from '../server-failed.ts';
import { tempDir } from '../temp-dir.ts';
import { type FoundPgBouncer, findPgBouncer } from './find-pgbouncer.ts';
import { until } from './patient.ts';

export interface PgBouncerOptions {
  /** address of the server, with user and password */
  readonly url: string;
  /** default `transaction` */
  readonly poolMode?: 'session' | 'transaction' | 'statement';
  /** more lines of its configuration: `default_pool_size` → `2` */
  readonly settings?: Readonly<Record<string, string | number>>;
}

export interface PgBouncer {
  /** the given address, through the pooler */
  readonly url: string;
  readonly version: string;
  /** Commands of its own console: `show pools`, `reconnect`. */
  console(command: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  stop(): Promise<void>;
}

/**
 * Prints a notice when no PgBouncer is available: a skipped test must not go unnoticed.
 * @returns why tests that need one cannot run; false: they can
 */
export async function pgBouncerMissing(): Promise<string | false> {
  try {
    await findPgBouncer();
    return false;
  } catch (error) {
    const why = `NOT TESTED behind PgBouncer: ${(error as Error).message}`;
    console.error(`\n${'!'.repeat(80)}\n${why}\n${'!'.repeat(80)}\n`);
    return why;
  }
}

export async function privatePgBouncer(options: PgBouncerOptions): Promise<PgBouncer> {
  const found = await findPgBouncer();
  const folder = await tempDir('crunch-pgbouncer-');
  const server = new URL(options.url);
  let running: OwnedProcess | undefined;
  try {
    for (let attempt = 1; running === undefined; attempt++) {
      const port = await freePort();
      running = await start(found, folder.path, server, port, options).catch((error: unknown) => {
        if (attempt === 5) throw error; // another process may have been given the port
        return undefined;
      });
      server.port = String(port);
    }
  } catch (error) {
    await folder.remove();
    throw error;
  }
  const admin = new URL(server);
  admin.pathname = '/pgbouncer';
  const owned = running;
  return {
    url: server.href,
    version: found.version,
    async console(command) {
      const client = new pg.Client(admin.href);
      await client.connect();
      try {
        return (await client.query(command)).rows;
      } finally {
        await client.end();
      }
    },
    async stop() {
      await owned.kill('SIGTERM');
      await folder.remove();
    },
  };
}

async function start(
  { path, libraries }: FoundPgBouncer,
  folder: string,
  { hostname, port: serverPort, username, password }: URL,
  port: number,
  { poolMode = 'transaction', settings = {} }: PgBouncerOptions,
): Promise<OwnedProcess> {
  const [configFile, userFile, logFile] = ['pgbouncer.ini', 'users.txt', 'pgbouncer.log'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const lines = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: userFile,
    admin_users: username,
    pool_mode: poolMode,
    ...settings,
  };
  const config = Object.entries(lines).map(([name, value]) => `${name} = ${value}`);
  await writeFile(
    configFile,
    `[databases]\n* = host=${hostname} port=${serverPort}\n[pgbouncer]\n${config.join('\n')}\n`,
  );
  await writeFile(userFile, `"${username}" "${decodeURIComponent(password)}"\n`, { mode: 0o600 });
  const runAs = await postgresUser([folder, path]); // it refuses to run as root, as Postgres does
  if (runAs !== undefined) for (const file of [configFile, userFile]) await chown(file, runAs.uid, runAs.gid);
  const owned = await startOwned({
    command: path,
    args: [configFile],
    logFile,
    deathSignal: 'SIGKILL',
    env: { PATH: process.env.PATH, LD_LIBRARY_PATH: libraries },
    ...(runAs && { runAs }),
  });
  try {
    await until('PgBouncer to listen', async () => {
      if (owned.exit !== null) throw new Error(`it ended with ${owned.exit.signal ?? owned.exit.code}`);
      return (await tailOf(logFile)).includes('process up');
    });
    return owned;
  } catch (error) {
    await owned.kill('SIGKILL');
    throw new ServerFailed('PgBouncer', logFile, await tailOf(logFile), error);
  }
}
