// Finds what `scripts/build.mjs` compiled of exactly these sources.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Folder for what is compiled of the sources as they are: named by their paths, sizes and times, so that a build never
 * takes away what a running process has yet to import.
 */
export function compiledFolder() {
  const hash = createHash('sha256').update(`node ${process.versions.node.split('.')[0]}\n`);
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules' && entry.name !== 'testing' && entry.name !== 'history') walk(path);
      } else if (/\.ts$|^package\.json$/.test(entry.name) && !entry.name.endsWith('.test.ts')) {
        const { mtimeMs, size } = statSync(path);
        // Whole seconds: layers of an image keep no more.
        hash.update(`${relative(root, path)} ${Math.floor(mtimeMs / 1000)} ${size}\n`);
      }
    }
  };
  for (const folder of ['streams', 'packages', 'services']) walk(join(root, folder));
  return join(root, 'dist', hash.digest('hex').slice(0, 16));
}

/** Compiled modules by the path of their source; null where they are to be built, or are not wanted. */
export function compiledModules() {
  if (process.env.CRUNCH_SOURCES === '1' || !existsSync(join(root, 'dist'))) return null;
  const folder = compiledFolder();
  try {
    const modules = JSON.parse(readFileSync(join(folder, 'modules.json'), 'utf8'));
    return { folder, modules };
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}
