import type { FeedSettings } from '@crunch-node/domain';
import { type ProviderClock, systemProviderClock } from '../../clock.ts';
import { type FeedReports, type ListedSubject, type LiveProvider, silent } from '../../provider.ts';
import { fetchPages, rejectingOnce, Times } from '../../rows/index.ts';
import { followInserts } from './change-stream.ts';
import { connectionTo } from './connection.ts';
import { subjectOf } from './document.ts';
import { pollInserts } from './poll-inserts.ts';
import { pageReader } from './read-page.ts';
import { type CollectionSettings, collectionSettings } from './settings.ts';

const LISTED_DOCUMENTS = 10_000;

/**
 * Documents of a collection as they are inserted. Options: `mongodb_uri`, `database`, `collection`, `subject_field`,
 * `timestamp_field`; `inserted_at_field` (insertedAt), `listen_mode` (changestream, poll), `poll_seconds` (5),
 * `subject_limit` (500), `timestamp_type` (auto, datetime, numeric), `time_unit` (auto), `initial_lookback_seconds` (0; -1: all),
 * `settle_seconds`, `default_kind` and `default_granularity` (event) of listed subjects.
 */
export function mongodbProvider(
  given: FeedSettings,
  givenReports: FeedReports = silent,
  clock: ProviderClock = systemProviderClock,
): LiveProvider {
  const settings = collectionSettings(given);
  const reports = rejectingOnce(givenReports);
  const connection = connectionTo(settings);
  const times = new Times(settings.timeUnit, reports);
  const readPage = pageReader(connection, settings, clock, times, reports);
  return {
    pace: 'live',
    name: 'mongodb',
    source: 'mongodb',
    async list(signal) {
      const newest = await connection.use(
        (collection) =>
          collection
            .find({}, { projection: { [settings.subjectField]: 1 } })
            .sort({ _id: -1 })
            .limit(LISTED_DOCUMENTS)
            .toArray(),
        signal,
      );
      const subjects = new Set(newest.flatMap((document) => subjectOf(document, settings) ?? []));
      return [...subjects]
        .sort()
        .slice(0, settings.subjectLimit)
        .map((symbol) => listed(symbol, settings));
    },
    history: () => null,
    fetch: (request, signal) => fetchPages(readPage(request), request, clock, signal),
    async listen(request, sink, signal) {
      const context = {
        provider: 'mongodb',
        clock,
        reports,
        signal,
        request,
        sink,
        settings,
        connection,
        times,
        readPage: readPage(request),
        lookbackMs: settings.lookbackMs ?? clock.nowMs(),
        settleMs: settings.settleMs,
      };
      try {
        await (settings.mode === 'poll' ? pollInserts(context) : followInserts(context));
      } catch (error) {
        if (!signal.aborted) throw error;
      } finally {
        connection.close();
      }
    },
  };
}

const listed = (symbol: string, settings: CollectionSettings): ListedSubject => ({
  symbol,
  kinds: [settings.defaultKind],
  granularities: [settings.defaultGranularity],
  source: 'mongodb',
  metadata: { database: settings.database, collection: settings.collection },
});
