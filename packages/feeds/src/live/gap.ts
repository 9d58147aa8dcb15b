import type { Instant } from '@crunch-node/streams';
import type { FeedReports } from '../provider.ts';

/** Reports that records strictly between two instants are missing for ever, as far as the provider can know. */
export const noticeGap = (reports: FeedReports, feed: string, from: Instant, to: Instant, reason: string): void =>
  reports.notice('a gap in the feed cannot be filled', { feed, from, to, reason });
