import {
  addSeconds,
  type FeedKey,
  type Instant,
  instantOfMillis,
  type JsonObject,
  spacingSeconds,
  unescapeToken,
} from '@crunch-node/streams';
import type { Kysely } from 'kysely';
import type { Database } from '../database.ts';

/** A feed record as evidence. */
export interface NamedRecord {
  readonly record_id: string;
  readonly ts_event: Instant;
  /** when it was complete and knowable */
  readonly at: Instant;
  readonly values: JsonObject;
  readonly log_sequence: number;
}

const columns = ['record_id', 'ts_event', 'at', 'values', 'log_sequence'] as const;

/** Records known later than this after their own time, plus their granularity, are not found. It bounds the query. */
const KNOWN_WITHIN_SECONDS = 3_600;

/** The records of a horizon: not late and `after < at <= until`, in order of time. */
export function resolutionRecords(
  db: Kysely<Database>,
  feed: FeedKey,
  { after, until, limit }: { readonly after: Instant; readonly until: Instant; readonly limit: number },
): Promise<NamedRecord[]> {
  const earliest = addSeconds(after, -(spacingSeconds(feed.granularity) ?? 0) - KNOWN_WITHIN_SECONDS);
  return ofFeed(db, feed)
    .where('ts_event', '>=', earliest)
    .where('ts_event', '<=', until)
    .where('at', '>', after)
    .where('at', '<=', until)
    .where('late', '=', false)
    .orderBy('at')
    .orderBy('ts_event')
    .orderBy('ordinal')
    .limit(limit)
    .execute();
}

const ofFeed = (db: Kysely<Database>, { source, subject, kind, granularity }: FeedKey) =>
  db
    .selectFrom('feed_records')
    .select(columns)
    .where('source', '=', source)
    .where('subject', '=', subject)
    .where('kind', '=', kind)
    .where('granularity', '=', granularity);

/** In the order of the ids, without missing ones; the feed key of a record follows from its id. */
export async function recordsById(db: Kysely<Database>, ids: readonly (string | null)[]): Promise<NamedRecord[]> {
  const found = new Map<string, NamedRecord>();
  for (const id of new Set(ids)) {
    const place = id === null ? null : placeOf(id);
    if (id === null || place === null) continue;
    const row = await ofFeed(db, place.feed)
      .where('ts_event', '=', place.ts_event)
      .where('record_id', '=', id)
      .executeTakeFirst();
    if (row !== undefined) found.set(id, row);
  }
  return ids.flatMap((id) => (id === null ? [] : (found.get(id) ?? [])));
}

const PLACE = /^feed:([^:]+):([^:]+):([^:]+):([^:]+):(-?\d{1,15})(?::|$)/;

/** `feed:<source>:<subject>:<kind>:<granularity>:<ts_event ms>[:<ordinal>]`, each part escaped; null: it is no such id. */
function placeOf(id: string): { readonly feed: FeedKey; readonly ts_event: Instant } | null {
  const [, ...parts] = PLACE.exec(id) ?? [];
  if (parts.length === 0) return null;
  try {
    const [source = '', subject = '', kind = '', granularity = '', millis] = parts.map(unescapeToken);
    return { feed: { source, subject, kind, granularity }, ts_event: instantOfMillis(Number(millis)) };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
