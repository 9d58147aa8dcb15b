import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { byCodePoint, type FeedKey } from '@crunch-node/streams';
import { DAY_MS, dayOfFile, feedFolder, isParquetName } from './places.ts';

/** A file with its metadata from the file system. */
export interface ArchiveFile {
  readonly path: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** start of its UTC day; null when it is not named after a day */
  readonly dayMs: number | null;
}

export type DayFile = ArchiveFile & { readonly dayMs: number };

/** The Parquet files of a folder by name. Links and hidden files are not part of the archive. */
export async function filesOf(folder: string): Promise<ArchiveFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(ifAway);
  const names = entries.flatMap((entry) => (entry.isFile() && isParquetName(entry.name) ? [entry.name] : []));
  const files = await Promise.all(names.map((name) => fileAt(join(folder, name), name)));
  return files.filter((file) => file !== null).sort((a, b) => byCodePoint(a.name, b.name));
}

async function fileAt(path: string, name: string): Promise<ArchiveFile | null> {
  // A file may have been removed since it was listed.
  const stat = await lstat(path).catch(() => null);
  if (stat === null || !stat.isFile()) return null;
  return { path, name, sizeBytes: stat.size, modifiedMs: stat.mtimeMs, dayMs: dayOfFile(name) };
}

export interface TimeRange {
  /** both inclusive, epoch milliseconds */
  readonly startMs?: number | undefined;
  readonly endMs?: number | undefined;
}

/** The days of a feed that may hold records of a range, oldest first. */
export async function dayFilesOf(root: string, feed: FeedKey, range: TimeRange): Promise<DayFile[]> {
  const { startMs = Number.NEGATIVE_INFINITY, endMs = Number.POSITIVE_INFINITY } = range;
  const files = await filesOf(feedFolder(root, feed));
  return files.filter(
    (file): file is DayFile => file.dayMs !== null && file.dayMs + DAY_MS > startMs && file.dayMs <= endMs,
  );
}

const ifAway = (error: { code?: string }): [] => {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
  throw error;
};
