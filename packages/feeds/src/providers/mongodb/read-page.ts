import type { FeedKey } from '@crunch-node/streams';
import type { Collection } from 'mongodb';
import type { FeedReports } from '../../provider.ts';
import { type ReadPage, tieSafePage, valueAt } from '../../rows/index.ts';
import type { Connection } from './connection.ts';
import { documentRow } from './document.ts';
import type { CollectionSettings } from './settings.ts';

type TimeType = 'datetime' | 'numeric';

/** Reads pages of a subject's documents, oldest first. */
export function pageReader(connection: Connection, settings: CollectionSettings, reports: FeedReports) {
  let known: TimeType | null = settings.timeType === 'auto' ? null : settings.timeType;
  const { subjectField, timeField } = settings;

  /** Dates and numbers never compare with each other in a query, so one of them has to be asked for. */
  async function timeType(collection: Collection): Promise<TimeType | null> {
    if (known !== null) return known;
    const document = await collection.findOne({ [timeField]: { $type: ['date', 'number'] } }, { sort: { _id: -1 } });
    if (document === null) return null;
    known = valueAt(document, settings.timePath) instanceof Date ? 'datetime' : 'numeric';
    return known;
  }

  return ({ kind, granularity }: Pick<FeedKey, 'kind' | 'granularity'>): ReadPage =>
    (subject, { startMs, endMs, limit }, signal) =>
      connection.use(async (collection) => {
        const type = await timeType(collection);
        if (type === null) return { rows: [], nextStartMs: null };
        const key = { source: 'mongodb', subject, kind, granularity };
        const bound = (ms: number): Date | number => (type === 'datetime' ? new Date(ms) : ms / 1000);
        // Seconds with digits behind the millisecond lie before the next one.
        const filter = { [subjectField]: subject, [timeField]: { $gte: bound(startMs), $lt: bound(endMs + 1) } };
        return tieSafePage(
          limit,
          async (count) => {
            const found = collection
              .find(filter)
              .sort({ [timeField]: 1, _id: 1 })
              .limit(count);
            const documents = await found.batchSize(Math.min(count, 1_000)).toArray();
            return documents.map((document) => documentRow(key, document, settings, reports));
          },
          (tsMs, rows) =>
            reports.notice('more documents of one millisecond than can be read', { subject, ts_event: tsMs, rows }),
        );
      }, signal);
}
