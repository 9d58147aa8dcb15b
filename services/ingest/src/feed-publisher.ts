import type { FeedRecord } from '@crunch-node/domain';
import { type FeedReports, faultOf, granularitySeconds, isGranularity } from '@crunch-node/feeds';
import type { Vitals } from '@crunch-node/service';
import { FeedRecorded, feedKeyText, instantOfMicros } from '@crunch-node/streams';
import type { Bounds } from './closing.ts';
import type { IngestContext } from './ingest-context.ts';
import type { Arrival } from './live-order.ts';

export const count = (vitals: Vitals, name: string, n = 1): void => {
  vitals.counts[name] = (vitals.counts[name] ?? 0) + n;
};

/** Publishes records and closings, and counts what passes. A record that cannot be published is rejected alone. */
export interface FeedPublisher {
  record(arrival: Arrival): Promise<void>;
  closing(bounds: Bounds): Promise<void>;
}

export function feedPublisher(
  { writer, vitals, clock, config, configHash, guard, signal, provider }: IngestContext,
  reports: FeedReports,
): FeedPublisher {
  const newest = new Map<string, number>();
  return {
    async record({ record, receivedMicros }) {
      const event = eventOf(record, reports);
      if (event === null) return;
      countGap(newest, record, vitals);
      if (writer.isPublished(event.id)) {
        count(vitals, 'duplicates');
        return;
      }
      if (writer.closedTo !== null && record.at <= writer.closedTo) count(vitals, 'late_records');
      const nowMicros = clock.nowMicros();
      const obs = {
        ingested_at: instantOfMicros(nowMicros),
        received_us: receivedMicros,
        normalized_us: nowMicros,
      };
      await writer.record(event, obs, ({ message }) => {
        count(vitals, 'records', -1);
        reports.rejected({ reason: 'unreadable', detail: message, origin: originOf(record) });
      });
      count(vitals, 'records');
      vitals.detail = `${provider.name} at ${record.at}`;
    },
    async closing(bounds) {
      await guard.untilActive(signal);
      await writer.close(bounds, { configHash, recordTtlDays: config.feed.record_ttl_days });
      count(vitals, 'closings');
    },
  };
}

/** Null: the record does not make an event, which was reported. */
function eventOf(record: FeedRecord, reports: FeedReports): FeedRecorded | null {
  try {
    return FeedRecorded.at(record.at, dataOf(record));
  } catch (error) {
    reports.rejected({ reason: 'unreadable', detail: (error as Error).message, origin: originOf(record) });
    return null;
  }
}

const dataOf = ({ at: _, ...data }: FeedRecord): FeedRecorded['data'] => data;

/** A missing candle is not an event, so it is counted in a metric. */
function countGap(newest: Map<string, number>, record: FeedRecord, vitals: Vitals): void {
  if (record.kind !== 'candle' || !isGranularity(record.granularity)) return;
  const key = feedKeyText(record);
  const before = newest.get(key);
  const stepMs = granularitySeconds(record.granularity) * 1000;
  if (before !== undefined && record.ts_event > before + stepMs) {
    count(vitals, 'gaps');
    count(vitals, 'missing_candles', (record.ts_event - before) / stepMs - 1);
  }
  newest.set(key, Math.max(before ?? 0, record.ts_event));
}

/** Whether it may be published; if not, it is counted and reported by its reason. */
export function isSound(record: FeedRecord, reports: FeedReports): boolean {
  const fault = faultOf(record);
  if (fault !== null) reports.rejected({ ...fault, origin: originOf(record) });
  return fault === null;
}

const MOST_SHOWN = 200;

/** A description for the log. The key of an invalid record may have no text. */
function originOf(record: FeedRecord): string {
  try {
    return feedKeyText(record).slice(0, MOST_SHOWN);
  } catch {
    const { source, subject, kind, granularity } = record;
    return JSON.stringify([source, subject, kind, granularity]).slice(0, MOST_SHOWN);
  }
}
