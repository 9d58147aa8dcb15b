import type { FeedKey, Instant, JsonObject } from '@crunch-node/streams';
import type { Kysely } from 'kysely';
import type { Database } from '../database.ts';

export interface FeedSummary extends FeedKey {
  readonly record_count: number;
  readonly late_count: number;
  readonly oldest_ts: Instant;
  readonly newest_ts: Instant;
  readonly updated_at: Instant | null;
}

/** Every feed that ever had a record, with its counters. */
export const feedSummaries = (db: Kysely<Database>): Promise<FeedSummary[]> =>
  db
    .selectFrom('feed_ingestion_state')
    .selectAll()
    .orderBy('source')
    .orderBy('subject')
    .orderBy('kind')
    .orderBy('granularity')
    .execute();

export interface FeedTailRecord extends FeedKey {
  readonly ts_event: Instant;
  readonly ts_ingested: Instant | null;
  readonly at: Instant;
  readonly values: JsonObject;
  readonly metadata: JsonObject | null;
}

/** The newest records by the feed's own time, newest first. */
export function feedTail(db: Kysely<Database>, filter: Partial<FeedKey>, limit: number): Promise<FeedTailRecord[]> {
  let query = db
    .selectFrom('feed_records')
    .select(['source', 'subject', 'kind', 'granularity', 'ts_event', 'ts_ingested', 'at', 'values', 'metadata']);
  for (const name of ['source', 'subject', 'kind', 'granularity'] as const) {
    const wanted = filter[name];
    if (wanted !== undefined) query = query.where(name, '=', wanted);
  }
  return query.orderBy('ts_event', 'desc').orderBy('ordinal', 'desc').orderBy('subject').limit(limit).execute();
}
