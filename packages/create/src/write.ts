import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Nothing that is there already is overwritten. */
export class FolderNotEmpty extends Error {
  override readonly name = 'FolderNotEmpty';
}

export interface WriteOptions {
  /** packages of `scripts/pack` to copy into the project's `vendor/` */
  readonly packages?: readonly string[];
}

/** @throws {FolderNotEmpty} */
export function writeProject(
  folder: string,
  files: ReadonlyMap<string, string>,
  { packages = [] }: WriteOptions = {},
): void {
  const present = existsSync(folder) ? readdirSync(folder).filter((name) => name !== '.git') : [];
  if (present.length > 0) {
    throw new FolderNotEmpty(
      `expected ${folder} to be empty or missing, found ${present.slice(0, 3).join(', ')}: choose another folder`,
    );
  }
  for (const [path, text] of files) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text, path === 'node/.env' ? { mode: 0o600 } : {});
  }
  for (const tarball of packages) {
    mkdirSync(join(folder, 'vendor'), { recursive: true });
    cpSync(tarball, join(folder, 'vendor', basename(tarball)));
  }
}
