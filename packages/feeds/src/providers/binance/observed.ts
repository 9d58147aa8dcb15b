import { type FeedRecord, readTime } from '@crunch-node/domain';
import { type FeedKey, feedKeyText, instantOfMillis, type JsonObject } from '@crunch-node/streams';
import { noticeGap } from '../../live/gap.ts';
import { poll } from '../../live/poll.ts';
import type { FeedReports, FeedRequest, FeedSink } from '../../provider.ts';
import { shown } from '../../shown.ts';
import { faultOf } from '../../validate-record.ts';
import type { BinanceContext } from './kind.ts';

/** Polls kinds that have no past: every subject separately, so that one that fails holds up no other. */
export async function observeSubjects(
  { market, pollMs, clock, reports }: BinanceContext,
  { subjects, kind, granularity }: FeedRequest,
  sink: FeedSink,
  signal: AbortSignal,
  /** what is known now, ascending; nothing when there is nothing new */
  observe: (key: FeedKey) => Promise<readonly FeedRecord[]>,
): Promise<void> {
  const one = (subject: string, index: number): Promise<void> => {
    const key = { source: market.source, subject, kind, granularity };
    let lastMs = 0;
    return poll({
      feed: feedKeyText(key),
      intervalMs: pollMs,
      firstDelayMs: Math.round((index * pollMs) / subjects.length),
      clock,
      reports,
      signal,
      recovered(fromMs, toMs) {
        if (fromMs === null) return;
        const [from, to] = [instantOfMillis(fromMs), instantOfMillis(toMs)];
        noticeGap(reports, feedKeyText(key), from, to, 'it could not be asked, and has no past');
      },
      async observe() {
        for (const record of await observe(key)) {
          if (signal.aborted || record.ts_event <= lastMs) continue;
          lastMs = record.ts_event;
          sink.record(record);
          sink.confirmed(subject, record.at);
        }
      },
    });
  };
  await Promise.all(subjects.map(one));
}

/** A record of what was seen at a time (ms). Empty, and reported, when that is none, or its values are no numbers. */
export function observation(
  key: FeedKey,
  written: unknown,
  values: JsonObject,
  reports: FeedReports,
  metadata?: JsonObject,
): FeedRecord[] {
  const origin = `binance ${key.subject} ${key.kind} ${shown(written)}`;
  const time = readTime(written, 'ms');
  if ('fault' in time) {
    reports.rejected({ reason: 'bad_time', detail: time.fault, origin });
    return [];
  }
  const record: FeedRecord = {
    source: key.source,
    subject: key.subject,
    kind: key.kind,
    granularity: key.granularity,
    at: instantOfMillis(time.ms),
    ts_event: time.ms,
    values,
    ...(metadata && { metadata }),
  };
  const fault = faultOf(record);
  if (fault === null) return [record];
  reports.rejected({ ...fault, origin });
  return [];
}
