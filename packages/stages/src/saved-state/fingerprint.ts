import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The packages whose code decides what a stage remembers, besides the stage's own. */
const PACKAGES = ['streams', 'domain', 'models', 'config', 'service', 'stages'];

const known = new Map<string, Promise<string>>();

/**
 * Says which code a state was made by: other code may remember something else, so it begins anew. Of the sources
 * themselves, since a version says what was intended, not what is there.
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

/** Null for a stage that is no package: one of a test. */
function folderOf(name: string): string | null {
  try {
    return dirname(fileURLToPath(import.meta.resolve(`@crunch-node/${name}`)));
  } catch {
    return null;
  }
}
