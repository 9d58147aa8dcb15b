import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The packages rows follow from, besides the log. */
const PACKAGES = ['streams', 'domain', 'config', 'projections'];

let known: Promise<string> | undefined;

/**
 * Says which code makes the rows: a half-built read model is gone on with by the very code that began it, or built anew.
 * Of the sources themselves, since a version says what was intended, not what is there.
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
