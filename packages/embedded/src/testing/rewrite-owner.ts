import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Changes a claim to that of a dead process, while its server runs. */
export async function rewriteOwner(folder: string): Promise<void> {
  const file = join(folder, 'claim.json');
  const claimed = JSON.parse(await readFile(file, 'utf8')) as { owner: object };
  await writeFile(file, JSON.stringify({ ...claimed, owner: { ...claimed.owner, identity: 'long gone' } }));
}
