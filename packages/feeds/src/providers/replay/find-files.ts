import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { CrunchError } from '@crunch-node/streams/errors';
import { formatOf } from './file-name.ts';

export class NoReplayData extends CrunchError {
  override readonly name = 'NoReplayData';
  override readonly code = 'no_replay_data';
}

/** Files as given, folders as the feed files anywhere below them, each sorted by path. @throws {NoReplayData} */
export async function findFiles(
  paths: readonly string[],
  { mayBeNone = false }: { readonly mayBeNone?: boolean } = {},
): Promise<readonly string[]> {
  const files: string[] = [];
  for (const given of paths) {
    const found = await stat(given).catch(() => null);
    if (found === null) throw new NoReplayData(`expected feed data at ${given}, found nothing there`);
    if (found.isDirectory()) files.push(...(await below(given)));
    else if (formatOf(given) !== null) files.push(given);
    else throw new NoReplayData(`expected a .csv, .csv.gz, .zip or .parquet file, received ${given}`);
  }
  const distinct = [...new Set(files)];
  if (distinct.length === 0 && !mayBeNone)
    throw new NoReplayData(`found no .csv, .csv.gz, .zip or .parquet file in ${paths.join(', ')}`);
  return distinct;
}

async function below(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && formatOf(entry.name) !== null)
    .map((entry) => path.join(entry.path, entry.name))
    .sort();
}
