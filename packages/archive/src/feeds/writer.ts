import { readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { FeedRecord } from '@crunch-node/domain';
import type { FeedKey } from '@crunch-node/streams';
import type { Duck } from '../duck.ts';
import { feedFolder, startOfDay } from './places.ts';
import { writeDay } from './write-day.ts';

/** Collects the records of one feed by day, so that a day is written once instead of once per page. */
export interface DayBuffer {
  /** records not on disk yet */
  readonly held: number;
  /** days with such records */
  readonly days: number;
  add(records: readonly FeedRecord[]): void;
  /** Writes all collected records, oldest day first. @returns files moved aside because they were unreadable */
  flush(signal?: AbortSignal): Promise<readonly string[]>;
}

export function bufferDays(duck: Duck, root: string): DayBuffer {
  const days = new Map<number, FeedRecord[]>();
  let held = 0;
  return {
    get held() {
      return held;
    },
    get days() {
      return days.size;
    },
    add(records) {
      for (const record of records) {
        const day = startOfDay(record.ts_event);
        const kept = days.get(day);
        if (kept === undefined) days.set(day, [record]);
        else kept.push(record);
      }
      held += records.length;
    },
    async flush(signal) {
      const aside: string[] = [];
      for (const day of [...days.keys()].sort((a, b) => a - b)) {
        const records = days.get(day)!;
        const { movedAside } = await writeDay(duck, root, records, signal);
        if (movedAside !== null) aside.push(basename(movedAside));
        days.delete(day);
        held -= records.length;
      }
      return aside;
    },
  };
}

/** Removes unfinished files of a killed writer of this feed. */
export async function sweepFeed(root: string, feed: FeedKey): Promise<void> {
  const folder = feedFolder(root, feed);
  const names = await readdir(folder).catch(() => [] as string[]);
  for (const name of names) {
    if (name.startsWith('.') && name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
  }
}
