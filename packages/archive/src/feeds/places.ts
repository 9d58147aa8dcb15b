/** Paths of feed records: `<root>/<source>/<subject>/<kind>/<granularity>/<YYYY-MM-DD>.parquet`. */

import { join } from 'node:path';
import { faultOfArchiveName, isArchiveName } from '@crunch-node/domain';
import type { FeedKey } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';

export const DAY_MS = 86_400_000;
const DAY_FILE = /^(\d{4}-\d{2}-\d{2})\.parquet$/;

/** The name is not valid as a folder of the archive. */
export class UnsafeArchiveName extends CrunchError {
  override readonly name = 'UnsafeArchiveName';
  override readonly code = 'unsafe_archive_name';
  constructor(fault: string) {
    super(fault);
  }
}

/** @throws {UnsafeArchiveName} for names that lead out of the archive, or into hidden folders */
export function feedFolder(root: string, feed: FeedKey): string {
  const names = [feed.source, feed.subject, feed.kind, feed.granularity];
  for (const name of names) {
    const fault = faultOfArchiveName(name);
    if (fault !== null) throw new UnsafeArchiveName(fault);
  }
  return join(root, ...names);
}

/** UTC day of a time, `2024-01-31`. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
export const startOfDay = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS;
export const dayFileName = (ms: number): string => `${dayOf(ms)}.parquet`;

/** Start of the day in a file's name; null for other names. */
export function dayOfFile(name: string): number | null {
  const day = DAY_FILE.exec(name)?.[1];
  if (day === undefined) return null;
  const ms = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(ms) && dayOf(ms) === day ? ms : null;
}

/** A `.parquet` file that may be served, also one of another producer. */
export const isParquetName = (name: string): boolean => isArchiveName(name) && name.endsWith('.parquet');
