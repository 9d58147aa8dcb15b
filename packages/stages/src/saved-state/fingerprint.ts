import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The packages that affect the state of every stage, in addition to the stage's own. */
const PACKAGES = ['streams', 'domain', 'models', 'config', 'service', 'stages'];

const known = new Map<string, Promise<string>>();

/**
 * Identifies the code that made a state: a state of other code is not used. A hash of the sources, since a version
 * number may not change with them.
 * @param service package of the stage: `score`
 */
export function stateFingerprint(service: string): Promise<string> {
  let fingerprint = known.get(service);
  if (fingerprint === undefined) {
    fingerprint = hashSources([...PACKAGES, service]);
    known.set(service, fingerprint);
  }
  return fingerprint;
}

async function hashSources(packages: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(endianness());
  for (const name of packages) {
    const folder = folderOf(name);
    if (folder === null) continue;
    const entries = await readdir(folder, { recursive: true });
    for (const path of entries.filter((entry) => /(?<!\.test)\.ts$/.test(entry)).sort()) {
      if (/(^|[/\\])(node_modules|testing|fixtures)[/\\]/.test(path)) continue;
      hash.update(`${name}/${path}\n`).update(await readFile(join(folder, path)));
    }
  }
  return hash.digest('hex');
}

/** Null for a stage without a package, as in tests. */
function folderOf(name: string): string | null {
  try {
    return dirname(fileURLToPath(import.meta.resolve(`@crunch-node/${name}`)));
  } catch {
    return null;
  }
}
