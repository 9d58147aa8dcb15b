import { join } from 'node:path';
import { fetchArchive, recordsOf } from '@crunch-node/backtest';
import type { LoadedConfig } from '@crunch-node/config';
import { type FeedRecord, feedOptionNames, isFeedOption } from '@crunch-node/domain';
import type { FeedReports } from '@crunch-node/feeds';
import { type Instant, millisOf } from '@crunch-node/streams';
import type { Screen } from '../screen.ts';
import type { BacktestCommand } from './options.ts';

export interface History {
  readonly config: LoadedConfig['config'];
  records(): AsyncIterable<FeedRecord>;
  /** null where no option sets it */
  readonly from: Instant | null;
  readonly to: Instant | null;
}

/** The feed of a configuration, or its days in the coordinator's archive, between two moments. */
export async function openHistory(
  { config }: LoadedConfig,
  { archive, key, cache, from, to }: BacktestCommand,
  reports: FeedReports,
  screen: Screen,
  signal: AbortSignal,
): Promise<History> {
  let { feed } = config;
  if (archive !== undefined) {
    const { subjects, kind, granularity } = feed;
    const bar = screen.progress('{file}');
    const files = await fetchArchive({
      url: archive,
      ...(key !== undefined && { apiKey: key }),
      cacheDir: cache ?? join('.cache', 'backtest'),
      query: {
        subjects,
        kind,
        granularity,
        ...(from !== undefined && { from: from.slice(0, 10) }),
        ...(to !== undefined && { to: to.slice(0, 10) }),
      },
      signal,
      onProgress: (done, total, file) => bar.update(done, total, { file }),
    });
    bar.end();
    // Those of a live provider, such as its key, are not for the files.
    const options = Object.fromEntries(
      Object.entries(feed.options).filter(([name]) => isFeedOption(name, feedOptionNames.replay)),
    );
    feed = { ...feed, provider: 'replay', options: { ...options, data: files.join(',') } };
  }
  const opened = { ...config, feed };
  return {
    config: opened,
    records: () => between(recordsOf(opened, reports), from, to),
    from: from ?? null,
    to: to ?? null,
  };
}

/** By the feed's own time, from a moment on and before another. */
async function* between(records: AsyncIterable<FeedRecord>, from?: Instant, to?: Instant): AsyncIterable<FeedRecord> {
  const start = from === undefined ? Number.NEGATIVE_INFINITY : millisOf(from);
  const end = to === undefined ? Number.POSITIVE_INFINITY : millisOf(to);
  for await (const record of records) {
    if (record.ts_event >= end) return;
    if (record.ts_event >= start) yield record;
  }
}
