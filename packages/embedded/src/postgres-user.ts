import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RunAs } from './owned-process.ts';

/**
 * Postgres refuses to run as root. In that case it runs as `postgres` if that user exists, else as `nobody`: no
 * user is created. Undefined when this process is not root.
 */
export async function postgresUser(paths: readonly string[]): Promise<RunAs | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const passwd = await readFile('/etc/passwd', 'utf8');
  for (const name of ['postgres', 'nobody']) {
    const fields = passwd
      .split('\n')
      .map((line) => line.split(':'))
      .find(([user]) => user === name);
    if (fields === undefined) continue;
    return { uid: Number(fields[2]), gid: Number(fields[3]), passFolders: !(await allPassable(paths)) };
  }
  throw new Error(
    'expected a user postgres or nobody to run Postgres as, found neither: create one or do not run as root',
  );
}

async function allPassable(paths: readonly string[]): Promise<boolean> {
  for (const path of paths) {
    for (let folder = path; ; folder = dirname(folder)) {
      if (((await stat(folder)).mode & 0o001) === 0) return false;
      if (folder === dirname(folder)) break;
    }
  }
  return true;
}
