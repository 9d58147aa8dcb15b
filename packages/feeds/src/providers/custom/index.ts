import type { FeedRecord, FeedSettings } from '@crunch-node/domain';
import { isInstant } from '@crunch-node/streams';
import {
  checkOptionNames,
  type FeedReports,
  type FeedSink,
  type LiveProvider,
  type Provider,
  silent,
} from '../../provider.ts';
import { shown } from '../../shown.ts';
import { timeFault } from '../../validate-record.ts';

/**
 * A provider of the operator's own, from the factory in the configuration. Its records are checked as they are
 * delivered: a record of another feed, or no record at all, is rejected and the feed continues. Its errors name it.
 */
export function customProvider(settings: FeedSettings, reports: FeedReports = silent): Provider {
  checkOptionNames(settings, settings.factory?.options);
  // The factory has checked what it returns.
  const provider = settings.factory?.(settings, reports as never) as Provider;
  if (provider.pace === 'replay') return provider;
  return guarded(provider, reports);
}

function guarded(provider: LiveProvider, reports: FeedReports): LiveProvider {
  const isSound = (record: unknown, subjects: readonly string[]): record is FeedRecord => {
    const shape = shapeFault(record, provider.source, subjects);
    if (shape !== null) {
      reports.rejected({ reason: 'unreadable', detail: shape, origin: provider.name });
      return false;
    }
    // Values are checked where records are taken in; a time is needed to put them anywhere.
    const time = timeFault(record as FeedRecord);
    if (time !== null) {
      const { subject, ts_event } = record as FeedRecord;
      reports.rejected({ ...time, origin: `${provider.name} ${subject} ${ts_event}` });
    }
    return time === null;
  };
  return {
    pace: 'live',
    name: provider.name,
    source: provider.source,
    list: (signal) => provider.list(signal),
    ...(provider.history && { history: (kind, granularity) => provider.history?.(kind, granularity) ?? null }),
    async fetch(request, signal) {
      const pages = await provider.fetch(request, signal);
      if (!Array.isArray(pages)) throw new TypeError(`${provider.name}: expected fetch to give one page a subject`);
      return pages.map((page) =>
        'error' in page
          ? page
          : {
              ...page,
              records: page.records.filter((one: unknown): one is FeedRecord => isSound(one, [page.subject])),
            },
      );
    },
    listen(request, sink, signal) {
      const { subjects } = request;
      const checked: FeedSink = {
        ...sink,
        record: (record) => {
          if (isSound(record, subjects)) sink.record(record);
        },
        confirmed: (subject, upTo) => {
          if (subjects.includes(subject) && isInstant(upTo)) sink.confirmed(subject, upTo);
        },
      };
      return provider.listen(request, checked, signal);
    },
  };
}

function shapeFault(record: unknown, source: string, subjects: readonly string[]): string | null {
  if (typeof record !== 'object' || record === null) return `expected a record, received ${typeof record}`;
  const { at, ts_event, values, subject, source: from } = record as Partial<FeedRecord>;
  if (from !== source) return `expected source ${source}, received ${shown(from)}`;
  if (subject === undefined || !subjects.includes(subject)) {
    return `expected a subject of ${subjects.join(', ')}, received ${shown(subject)}`;
  }
  if (typeof at !== 'string' || !isInstant(at)) return `expected at as six-digit UTC text, received ${shown(at)}`;
  if (typeof ts_event !== 'number') return `expected ts_event in milliseconds, received ${shown(ts_event)}`;
  return typeof values === 'object' && values !== null && !Array.isArray(values) ? null : 'expected values, an object';
}
