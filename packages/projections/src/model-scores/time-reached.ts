import type { Instant } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';

/** Times of the first and the last round or snapshot. */
export interface RecordedSpan {
  readonly first: Instant;
  readonly last: Instant;
}

/** Null before the first. Probes of indexes, whatever the age of the competition. */
export async function recordedSpan(db: Kysely<Database>): Promise<RecordedSpan | null> {
  const cycle = db.selectFrom('snapshots').select('cycle_end as at').limit(1);
  const round = db.selectFrom('rounds').select('performed_at as at').limit(1);
  const { rows } = await sql<{ first: Instant | null; last: Instant | null }>`
    select least((${cycle.orderBy('cycle_end')}), (${round.orderBy('performed_at')})) as first,
      greatest((${cycle.orderBy('cycle_end', 'desc')}), (${round.orderBy('performed_at', 'desc')})) as last`.execute(
    db,
  );
  const { first = null, last = null } = rows[0] ?? {};
  return first === null || last === null ? null : { first, last };
}

/** Time of the newest round or snapshot; null before the first. In replay this, not the wall clock, is "now". */
export const timeReached = async (db: Kysely<Database>): Promise<Instant | null> =>
  (await recordedSpan(db))?.last ?? null;
