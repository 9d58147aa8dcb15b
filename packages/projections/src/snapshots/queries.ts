import type { Instant } from '@crunch-node/streams';
import type { Kysely } from 'kysely';
import type { Database } from '../database.ts';
import type { SnapshotRow } from './tables.ts';

export interface SnapshotFilter {
  readonly model_id?: string | undefined;
  /** bounds of the creation, both inclusive */
  readonly since?: Instant | undefined;
  readonly until?: Instant | undefined;
  readonly limit: number;
}

/** The newest `limit` snapshots, oldest of them first. */
export async function newestSnapshots(
  db: Kysely<Database>,
  { model_id, since, until, limit }: SnapshotFilter,
): Promise<SnapshotRow[]> {
  let query = db.selectFrom('snapshots').selectAll();
  if (model_id !== undefined) query = query.where('model_id', '=', model_id);
  if (since !== undefined) query = query.where('cycle_end', '>=', since);
  if (until !== undefined) query = query.where('cycle_end', '<=', until);
  const newestFirst = await query.orderBy('cycle_end', 'desc').orderBy('model_id', 'desc').limit(limit).execute();
  return newestFirst.reverse();
}
