/** A PgBouncer for tests: the system's, or Debian's package with the libraries it needs, kept in the cache. */
import { access, constants, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { run } from '../command.ts';
import { dependenciesOf, type PackageSource, suiteSource, systemSource, unpackPackages } from '../debian-packages.ts';

export interface FoundPgBouncer {
  readonly path: string;
  /** folder of libraries the system may lack; empty for an installed one */
  readonly libraries: string;
  readonly version: string;
}

/** The most widespread release, and the last one without named prepared statements. */
const SUITE = 'bookworm';

/** @throws when none is available: the message lists what was tried */
export async function findPgBouncer(env: NodeJS.ProcessEnv = process.env): Promise<FoundPgBouncer> {
  const cacheDir = join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'crunch-node');
  const home = join(cacheDir, `pgbouncer-${SUITE}`);
  const tried: string[] = [];
  const cached = await usable(home).catch(() => undefined);
  if (cached !== undefined) return cached;
  for (const [name, from] of [
    ['the system', async (_folder: string) => systemSource()],
    [SUITE, async (folder: string) => suiteSource(folder, SUITE)],
  ] as const) {
    try {
      return await keep(cacheDir, home, from);
    } catch (error) {
      tried.push(`package of ${name}: ${(error as Error).message}`);
    }
  }
  throw new Error(`expected to fetch the Debian package pgbouncer, in vain (${tried.join('; ')})`);
}

/** Downloaded next to its final path and renamed, so that the cache never holds a partial file. */
async function keep(
  cacheDir: string,
  home: string,
  from: (folder: string) => Promise<PackageSource>,
): Promise<FoundPgBouncer> {
  await mkdir(cacheDir, { recursive: true });
  const folder = await mkdtemp(join(cacheDir, 'fetching-'));
  try {
    const source = await from(folder);
    const libraries = await dependenciesOf(source, 'pgbouncer', /^lib(c-?ares|event)/);
    const unpacked = await unpackPackages(source, folder, ['pgbouncer', ...libraries]);
    await usable(unpacked); // before it is kept
    await rm(home, { recursive: true, force: true });
    await rename(unpacked, home).catch(async (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error; // another process was faster
    });
    return await usable(home);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function usable(home: string): Promise<FoundPgBouncer> {
  const path = join(home, 'usr', 'sbin', 'pgbouncer');
  await access(path, constants.X_OK);
  const [architecture = ''] = await readdir(join(home, 'usr', 'lib'));
  const libraries = join(home, 'usr', 'lib', architecture);
  const text = await run('env', [`LD_LIBRARY_PATH=${libraries}`, path, '--version'], { timeoutMs: 10_000 });
  const version = /PgBouncer (\S+)/i.exec(text)?.[1];
  if (version === undefined) throw new Error(`expected ${path} to be PgBouncer, received ${text.split('\n')[0]}`);
  return { path, libraries, version };
}
