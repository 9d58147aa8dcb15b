import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCE = /(?<!\.test)\.ts$/;
const COMPILED = /\.js$/;
const NO_PART_OF_IT = /(^|[/\\])(node_modules|testing|fixtures)[/\\]/;

const isInstalled = !existsSync(fileURLToPath(new URL('code-fingerprint.ts', import.meta.url)));

const { resolve: locate } = createRequire(import.meta.url);

const hashes = new Map<string, string>();

/**
 * Identifies the code that made something which only the same code continues with: a saved state, a read model that is
 * being built. A hash of the sources of some packages, since a version number may not change with them; an installed
 * engine has no sources, and is identified by all its compiled modules. Synchronous, a tenth of a second once: while
 * stages work, each of some 500 files would otherwise wait for its turn.
 * @param packages names of packages: `score`; what is no package has no code
 * @throws {Error} when no code is found at all
 */
export function codeFingerprint(packages: readonly string[]): string {
  // Where `scripts/pack` puts it: this file counts as being in `parts/packages/service/src`.
  const compiled = fileURLToPath(new URL('../../../../dist', import.meta.url));
  const found = isInstalled
    ? [hashOfFiles(compiled, COMPILED)]
    : packages.flatMap((name) => {
        const folder = folderOf(name);
        return folder === null ? [] : [name, hashOfFiles(folder, SOURCE)];
      });
  if (found.length === 0) throw new Error(`expected code of ${packages.join(', ')}, found none`);
  return createHash('sha256').update(JSON.stringify(found)).digest('hex');
}

/** @throws {Error} for a folder without such files */
export function hashOfFiles(folder: string, pattern: RegExp): string {
  const known = hashes.get(folder);
  if (known !== undefined) return known;
  const paths = (readdirSync(folder, { recursive: true }) as string[])
    .filter((path) => pattern.test(path) && !NO_PART_OF_IT.test(path))
    .sort();
  if (paths.length === 0) throw new Error(`expected files ${pattern} in ${folder}, found none`);
  const hash = createHash('sha256');
  for (const path of paths) hash.update(`${path}\n`).update(readFileSync(join(folder, path)));
  const found = hash.digest('hex');
  hashes.set(folder, found);
  return found;
}

function folderOf(name: string): string | null {
  try {
    // Not by `import.meta.resolve`: what loads an operator's TypeScript resolves that to the compiled module.
    return dirname(locate(`@crunch-node/${name}`));
  } catch {
    return null;
  }
}
