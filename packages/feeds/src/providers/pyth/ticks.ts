import type { FeedRecord } from '@crunch-node/domain';
import { feedKeyText, instantOfMillis } from '@crunch-node/streams';
import { noticeGap } from '../../live/gap.ts';
import type { FeedReports, FeedRequest, FeedSink } from '../../provider.ts';
import type { PriceTaker } from './listen.ts';

/** Prices are published every second or so; what is further apart across an interruption was missed. */
const USUAL_MS = 2_000;

/** A tick for every publish time; of several prices with one the first is it. */
export function tickTaker(
  { subjects, kind, granularity }: FeedRequest,
  sink: FeedSink,
  reports: FeedReports,
): PriceTaker {
  const last = new Map<string, FeedRecord>();
  const interrupted = new Set<string>();
  return {
    interrupted() {
      for (const subject of subjects) interrupted.add(subject);
    },
    take(subject, { price, publishMs }) {
      const before = last.get(subject);
      if (before !== undefined && publishMs <= before.ts_event) return;
      const at = instantOfMillis(publishMs);
      const record = { source: 'pyth', subject, kind, granularity, at, ts_event: publishMs, values: { price } };
      if (interrupted.delete(subject) && before !== undefined && publishMs > before.ts_event + USUAL_MS) {
        noticeGap(reports, feedKeyText(record), before.at, at, 'Pyth keeps no past of single prices');
      }
      last.set(subject, record);
      sink.record(record);
      sink.confirmed(subject, at);
    },
  };
}
