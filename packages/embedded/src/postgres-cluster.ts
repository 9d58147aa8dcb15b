/** The data folder of a Postgres: created once, reused at every start. */

import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CrunchError } from '@crunch-node/streams/errors';
import { type RunAs, startOwned } from './owned-process.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { ServerFailed, tailOf } from './server-failed.ts';

export const SUPERUSER = 'postgres';

/** Messages in English: some are matched. */
export const ENVIRONMENT: NodeJS.ProcessEnv = { PATH: process.env.PATH, LC_ALL: 'C' };

export interface ClusterOptions {
  readonly dataDir: string;
  readonly cluster: string;
  readonly logFile: string;
  readonly binaries: PostgresBinaries;
  readonly runAs: RunAs | undefined;
  readonly print: (text: string) => void;
}

/** Creates the cluster unless it exists. Returns its password. */
export async function ensureCluster({
  dataDir,
  cluster,
  logFile,
  binaries,
  runAs,
  print,
}: ClusterOptions): Promise<string> {
  const passwordFile = join(dataDir, 'password');
  const version = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => null);
  if (version !== null) {
    if (version.trim() !== binaries.major) {
      throw new Error(
        `expected a cluster of Postgres ${binaries.major} in ${cluster}, received one of ${version.trim()}: ` +
          `choose another data folder, or remove ${cluster} (its tables are rebuilt from the log)`,
      );
    }
    await assertOwned(cluster, runAs?.uid ?? process.getuid?.());
    return (await readFile(passwordFile, 'utf8')).trim();
  }
  print('waiting for Postgres to create its cluster');
  const password = randomBytes(18).toString('base64url');
  const unfinished = `${cluster}.new`; // an interrupted creation is not mistaken for a cluster
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (runAs !== undefined) {
    for (const path of [unfinished, passwordFile]) await chown(path, runAs.uid, runAs.gid);
  }
  const initdb = await startOwned({
    command: binaries.initdb,
    args: [
      ...['-D', unfinished, '-U', SUPERUSER, `--pwfile=${passwordFile}`],
      ...['--auth=scram-sha-256', '--encoding=UTF8', '--no-locale', '--no-instructions'],
    ],
    logFile,
    deathSignal: 'SIGKILL',
    env: ENVIRONMENT,
    ...(runAs && { runAs }),
  });
  const { code, signal } = await initdb.wait();
  if (code !== 0) throw new ServerFailed('initdb', logFile, await tailOf(logFile), `it ended with ${signal ?? code}`);
  await rename(unfinished, cluster);
  return password;
}

/** A copied folder belongs to the user who copied it. */
export class ClusterOfAnother extends CrunchError {
  override readonly name = 'ClusterOfAnother';
  override readonly code = 'cluster_of_another_user';
  constructor(cluster: string, expected: number, received: number) {
    super(
      `expected ${cluster} to belong to user ${expected}, as whom Postgres runs, received one of user ${received}: ` +
        `chown -R ${expected} ${cluster}, copy with cp -a, or remove it (its tables are rebuilt from the log)`,
    );
  }
}

async function assertOwned(cluster: string, uid: number | undefined): Promise<void> {
  const owner = (await stat(cluster)).uid;
  if (uid !== undefined && owner !== uid) throw new ClusterOfAnother(cluster, uid, owner);
}

/** A lock with a process id that another process has by now: after the restart of a container, for example. */
export async function removeStaleLock(cluster: string): Promise<void> {
  const lock = join(cluster, 'postmaster.pid');
  const pid = (await readFile(lock, 'utf8').catch(() => '')).split('\n')[0];
  if (!pid) return;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null);
  if (command !== null && !command.includes('postgres')) await rm(lock, { force: true });
}
