import type { FeedRecord } from '@crunch-node/domain';
import { mergeRecords } from '../../merge.ts';
import type { FeedReports, FeedRequest } from '../../provider.ts';
import type { ReadPage, Row, Times } from '../../rows/index.ts';
import { recordsOf } from './records.ts';
import type { FoundFile } from './scan.ts';

/** An unfinished reading: the request for the next page continues it instead of starting at the top. */
interface Reading {
  readonly iterator: AsyncIterator<FeedRecord>;
  /** the first record of the next page */
  readonly next: FeedRecord;
  readonly timer: NodeJS.Timeout;
}

const KEPT_MS = 30_000;

/** Pages of what the files hold, oldest first. */
export function historyReader(
  scan: () => Promise<readonly FoundFile[]>,
  source: string,
  times: Times,
  reports: FeedReports,
) {
  const readings = new Map<string, Reading>();

  async function opened(subject: string) {
    const parts = (await scan()).flatMap((found) =>
      found.keys.filter((key) => key.subject === subject).map((key) => recordsOf(found, key, source, reports, times)),
    );
    return mergeRecords(parts)[Symbol.asyncIterator]();
  }

  return (request: Pick<FeedRequest, 'kind' | 'granularity'>): ReadPage =>
    async (subject, { startMs, endMs, limit }, signal) => {
      const name = `${request.kind} ${request.granularity} ${subject} ${startMs}`;
      const going = readings.get(name);
      readings.delete(name);
      clearTimeout(going?.timer);
      const iterator = going?.iterator ?? (await opened(subject));
      const rows: Row[] = [];
      let isOver = false;
      try {
        let last = Number.NEGATIVE_INFINITY;
        for (let record = going?.next ?? (await nextOf(iterator)); ; record = await nextOf(iterator)) {
          signal?.throwIfAborted();
          isOver = record === undefined || record.ts_event > endMs;
          if (record === undefined || isOver) return { rows, nextStartMs: null };
          if (record.ts_event < startMs) continue;
          if (rows.length >= limit && record.ts_event > last) {
            keep(`${request.kind} ${request.granularity} ${subject} ${record.ts_event}`, iterator, record);
            return { rows, nextStartMs: record.ts_event };
          }
          last = record.ts_event;
          rows.push({ tsMs: record.ts_event, record });
        }
      } catch (error) {
        isOver = true;
        throw error;
      } finally {
        if (isOver) await iterator.return?.();
      }
    };

  function keep(name: string, iterator: AsyncIterator<FeedRecord>, next: FeedRecord): void {
    const timer = setTimeout(() => {
      readings.delete(name);
      void iterator.return?.();
    }, KEPT_MS).unref();
    void readings.get(name)?.iterator.return?.();
    readings.set(name, { iterator, next, timer });
  }
}

const nextOf = async (iterator: AsyncIterator<FeedRecord>): Promise<FeedRecord | undefined> => {
  const { done, value } = await iterator.next();
  return done ? undefined : value;
};
