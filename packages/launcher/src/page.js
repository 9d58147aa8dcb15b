// Finds what was built of the web page and the documentation as they are.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from './compiled.js';

/** What each is made of, besides the versions in the lock file. */
const SOURCES = {
  web: ['packages/web'],
  docs: ['packages/web/docs', 'docs'],
};
/** Built beside these names; screenshots are only copied, but their change is a change of the result. */
const IGNORED = new Set(['node_modules', 'testing', 'dist', 'cache']);

/** The folder below `dist/` for the page (`web`) or the documentation (`docs`), named by its sources. */
export function pageFolder(kind) {
  const hash = createHash('sha256');
  const add = (path) => {
    const { mtimeMs, size } = statSync(path);
    // Whole seconds: layers of an image keep no more.
    hash.update(`${relative(root, path)} ${Math.floor(mtimeMs / 1000)} ${size}\n`);
  };
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        const isOther = kind === 'web' && path === join(root, SOURCES.docs[0]);
        if (!IGNORED.has(entry.name) && !isOther) walk(path);
      } else if (!/\.test\.tsx?$/.test(entry.name)) add(path);
    }
  };
  for (const folder of SOURCES[kind]) if (existsSync(join(root, folder))) walk(join(root, folder));
  const lock = join(root, 'package-lock.json');
  if (existsSync(lock)) hash.update(String(statSync(lock).size));
  return join(root, 'dist', `${kind}-${hash.digest('hex').slice(0, 16)}`);
}

/** Folders of what is built and up to date, for the report API to serve. */
export function builtPages() {
  const found = {};
  for (const kind of Object.keys(SOURCES)) {
    // An installed package brings them; it has no sources.
    const shipped = join(root, 'pages', kind);
    if (existsSync(join(shipped, 'index.html'))) {
      found[kind] = shipped;
      continue;
    }
    if (!existsSync(join(root, SOURCES[kind][0]))) continue;
    const folder = pageFolder(kind);
    if (existsSync(join(folder, 'index.html'))) found[kind] = folder;
  }
  return found;
}
