import type { Instant } from '@crunch-node/streams';
import type { FeedReports } from '../provider.ts';

/** What lies strictly between two instants is missing from the feed for ever, as far as its provider can tell. */
export const noticeGap = (reports: FeedReports, feed: string, from: Instant, to: Instant, reason: string): void =>
  reports.notice('a gap in the feed cannot be filled', { feed, from, to, reason });
