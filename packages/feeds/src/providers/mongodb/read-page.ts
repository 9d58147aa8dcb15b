import type { FeedKey } from '@crunch-node/streams';
import type { Collection } from 'mongodb';
import type { ProviderClock } from '../../clock.ts';
import type { FeedReports } from '../../provider.ts';
import { type ReadPage, type Row, type Times, tieSafePage } from '../../rows/index.ts';
import type { Connection } from './connection.ts';
import { documentRow } from './document.ts';
import type { CollectionSettings } from './settings.ts';
import { type StoredTimes, storedTimes } from './stored-times.ts';

/** Reads pages of a subject's documents, oldest first. */
export function pageReader(
  connection: Connection,
  settings: CollectionSettings,
  clock: ProviderClock,
  times: Times,
  reports: FeedReports,
) {
  const formsOf = storedTimes(settings, clock, reports);
  const { subjectField, timeField } = settings;

  /** The first rows of a range whose times are stored in one form. What has no time is rejected, and is no row. */
  async function rowsIn(
    collection: Collection,
    key: FeedKey,
    stored: StoredTimes,
    { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
    count: number,
  ): Promise<readonly Row[]> {
    const filter = { [subjectField]: key.subject, [timeField]: stored.between(startMs, endMs) };
    for (let limit = count; ; limit *= 2) {
      const found = collection
        .find(filter)
        .sort({ [timeField]: 1, _id: 1 })
        .limit(limit);
      const documents = await found.batchSize(Math.min(limit, 1_000)).toArray();
      const rows = documents.map((document) => documentRow(key, document, settings, times, reports));
      const within = rows.filter(({ tsMs }) => tsMs >= startMs && tsMs < endMs + 1);
      // Texts of one second sort as text, so documents after the page are not known to be later.
      if (within.length >= count || documents.length < limit) return within.slice(0, count);
    }
  }

  return ({ kind, granularity }: Pick<FeedKey, 'kind' | 'granularity'>): ReadPage =>
    (subject, { startMs, endMs, limit }, signal) =>
      connection.use(async (collection) => {
        const forms = await formsOf(collection, subject);
        if (forms.length === 0) return { rows: [], nextStartMs: null };
        const key = { source: 'mongodb', subject, kind, granularity };
        return tieSafePage(
          limit,
          async (count) => {
            const parts: (readonly Row[])[] = [];
            for (const form of forms) parts.push(await rowsIn(collection, key, form, { startMs, endMs }, count));
            return parts
              .flat()
              .sort((a, b) => a.tsMs - b.tsMs)
              .slice(0, count);
          },
          (tsMs, rows) =>
            reports.notice('more documents of one millisecond than can be read', { subject, ts_event: tsMs, rows }),
        );
      }, signal);
}
