import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FeedReports } from '../../provider.ts';
import type { FoundFile } from './scan.ts';
import { type FileStanding, isContinued, standingOf } from './standing.ts';

/** A file that is not as it was when it was read. */
export interface Change {
  readonly found: FoundFile;
  /** how far it is known; null: all of it is to be read */
  readonly from: FileStanding | null;
  readonly to: FileStanding;
}

/** What is to be read of a file that changed; empty, and reported, when it cannot be read now. */
export async function changesOf(
  found: FoundFile,
  before: FileStanding | undefined,
  reports: FeedReports,
): Promise<readonly Change[]> {
  try {
    const isKnown = before !== undefined && (await isContinued(found, before));
    if (before === undefined || isKnown || !found.grows) {
      const from = isKnown ? before : null;
      return [{ found, from, to: await standingOf(found, from) }];
    }
    reports.notice('a file was rewritten, and is read from its beginning', { file: found.file });
    const moved = before.inode === found.inode ? [] : await restOfMoved(found, before);
    return [...moved, { found, from: null, to: await standingOf(found, null) }];
  } catch (error) {
    reports.notice('a file cannot be read yet', { file: found.file, reason: (error as Error).message });
    return [];
  }
}

/** What was appended to a file before it was moved aside, as log files are, and another took its name. */
async function restOfMoved(found: FoundFile, before: FileStanding): Promise<readonly Change[]> {
  const folder = path.dirname(found.file);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(path.basename(found.file)) || name === path.basename(found.file)) continue;
    const file = path.join(folder, name);
    const now = await stat(file).catch(() => null);
    if (now?.ino !== before.inode) continue;
    const moved = { ...found, file, size: now.size };
    if (!(await isContinued(moved, before))) return [];
    return [{ found: moved, from: before, to: await standingOf(moved, before) }];
  }
  return [];
}
