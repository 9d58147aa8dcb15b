import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { CrunchConfig } from '@crunch-node/domain';
import { UsageError } from './options.ts';

/** The settings that make one history differ from another; how much of it is played, and how fast, does not. */
function historyOf({ feed }: CrunchConfig): string {
  const { provider, subjects, kind, granularity, options } = feed;
  const data = options.data?.split(',').map((path) => basename(path));
  return JSON.stringify({ provider, subjects, kind, granularity, seed: options.seed, start: options.start, data });
}

/**
 * A log holds one history. The folder remembers which, so that another seed or other files are refused instead of being
 * mixed into it.
 * @throws {UsageError}
 */
export async function keepToOneHistory(dataDir: string, config: CrunchConfig, namespace = ''): Promise<void> {
  const folder = resolve(dataDir);
  const file = join(folder, namespace === '' ? 'history.json' : `history_${namespace}.json`);
  const wanted = historyOf(config);
  const held = await readFile(file, 'utf8').catch(() => null);
  if (held === null) {
    await mkdir(folder, { recursive: true });
    return writeFile(file, `${wanted}\n`);
  }
  if (held.trim() !== wanted) {
    throw new UsageError(
      `the log in ${folder} was made from ${held.trim()}, received ${wanted}: use another --data-dir`,
    );
  }
}
