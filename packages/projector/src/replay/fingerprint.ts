import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The packages that rows depend on, in addition to the log. */
const PACKAGES = ['streams', 'domain', 'config', 'projections'];

let known: Promise<string> | undefined;

/**
 * Identifies the code that makes the rows: an unfinished read model is continued only by the code that started it. A
 * hash of the sources, since a version number may not change with them.
 */
export const codeFingerprint = (): Promise<string> => (known ??= hashSources());

async function hashSources(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of PACKAGES) {
    const folder = dirname(fileURLToPath(import.meta.resolve(`@crunch-node/${name}`)));
    const entries = await readdir(folder, { recursive: true });
    const sources = entries.filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts')).sort();
    for (const path of sources) {
      if (/(^|[/\\])(node_modules|testing|fixtures)[/\\]/.test(path)) continue;
      hash.update(`${name}/${path}\n`).update(await readFile(join(folder, path)));
    }
  }
  return hash.digest('hex');
}
