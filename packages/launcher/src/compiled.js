// Finds what `scripts/build.mjs` compiled of exactly these sources.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * Folder for what is compiled of the sources as they are: named by their paths, sizes and times, so that a build never
 * takes away what a running process has yet to import.
 */
export function compiledFolder() {
  // At every start, for a thousand files: paths are put together by hand, and hashed as one text.
  let text = `node ${process.versions.node.split('.')[0]}\n`;
  const walk = (folder) => {
    for (const entry of readdirSync(root + folder, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules' && entry.name !== 'testing' && entry.name !== 'history') walk(path);
      } else if (isCompiled(entry.name)) {
        const { mtimeMs, size } = statSync(root + path);
        // Whole seconds: layers of an image keep no more.
        text += `${path} ${Math.floor(mtimeMs / 1000)} ${size}\n`;
      }
    }
  };
  for (const folder of ['streams', 'packages', 'services']) walk(folder);
  return join(root, 'dist', createHash('sha256').update(text).digest('hex').slice(0, 16));
}

const isCompiled = (name) => (name.endsWith('.ts') && !name.endsWith('.test.ts')) || name === 'package.json';

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
