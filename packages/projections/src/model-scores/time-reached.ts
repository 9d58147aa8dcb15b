import type { Instant } from '@crunch-node/streams';
import type { Kysely } from 'kysely';
import type { Database } from '../database.ts';
import { newestPerformedAt } from '../predictions/queries.ts';

/** Time of the newest round or snapshot; null before the first. In replay this, not the wall clock, is "now". */
export async function timeReached(db: Kysely<Database>): Promise<Instant | null> {
  const { newest } = await db
    .selectFrom('snapshots')
    .select(({ fn }) => fn.max('cycle_end').as('newest'))
    .executeTakeFirstOrThrow();
  const asked = await newestPerformedAt(db);
  return newest === null || (asked !== null && asked > newest) ? asked : newest;
}
