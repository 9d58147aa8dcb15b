import type { Instant } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';
import type { SnapshotRow } from './tables.ts';

export interface SnapshotFilter {
  readonly snapshot_id?: string | undefined;
  readonly model_id?: string | undefined;
  /** bounds of the creation, both inclusive */
  readonly since?: Instant | undefined;
  readonly until?: Instant | undefined;
  /** the page ahead of a snapshot, or behind it, in order of creation and model; the snapshot itself is in neither */
  readonly before?: SnapshotPlace | undefined;
  readonly after?: SnapshotPlace | undefined;
  readonly limit: number;
}

/** The place of a snapshot in the order of all of them. */
export type SnapshotPlace = Pick<SnapshotRow, 'cycle_end' | 'model_id'>;

/** The newest `limit` snapshots, oldest of them first; with `after`, the oldest behind it. */
export async function newestSnapshots(db: Kysely<Database>, filter: SnapshotFilter): Promise<SnapshotRow[]> {
  const { snapshot_id, model_id, since, until, before, after, limit } = filter;
  let query = db.selectFrom('snapshots').selectAll();
  if (snapshot_id !== undefined) query = query.where('snapshot_id', '=', snapshot_id);
  if (model_id !== undefined) query = query.where('model_id', '=', model_id);
  if (since !== undefined) query = query.where('cycle_end', '>=', since);
  if (until !== undefined) query = query.where('cycle_end', '<=', until);
  if (before !== undefined) query = query.where(place('<', before));
  if (after !== undefined) query = query.where(place('>', after));
  const order = after === undefined ? 'desc' : 'asc';
  const rows = await query.orderBy('cycle_end', order).orderBy('model_id', order).limit(limit).execute();
  return after === undefined ? rows.reverse() : rows;
}

const place = (side: '<' | '>', { cycle_end, model_id }: SnapshotPlace) =>
  sql<boolean>`(cycle_end, model_id) ${sql.raw(side)} (${cycle_end}::timestamptz, ${model_id})`;

/** Undefined when there is no such snapshot. */
export const snapshotPlace = (db: Kysely<Database>, snapshotId: string): Promise<SnapshotPlace | undefined> =>
  db.selectFrom('snapshots').select(['cycle_end', 'model_id']).where('snapshot_id', '=', snapshotId).executeTakeFirst();

/**
 * Ids of all models that ever had a snapshot, in order. One probe of the primary key per model, since there are
 * thousands of snapshots of each.
 */
export async function snapshotModelIds(db: Kysely<Database>): Promise<string[]> {
  const next = db.selectFrom('snapshots').select('model_id').orderBy('model_id').limit(1);
  const { rows } = await sql<{ model_id: string }>`
    with recursive known(model_id) as (
      (${next})
      union all
      select (${next.where('model_id', '>', sql<string>`known.model_id`)}) from known where known.model_id is not null
    )
    select model_id from known where model_id is not null`.execute(db);
  return rows.map(({ model_id }) => model_id);
}

export interface Span {
  /** bounds of the creation, both inclusive */
  readonly start?: Instant | undefined;
  readonly end?: Instant | undefined;
}

/** Each model's newest snapshot of a span, in the order of the ids; models without one are left out. */
export async function newestSnapshotOfEach(
  db: Kysely<Database>,
  modelIds: readonly string[],
  { start, end }: Span = {},
): Promise<SnapshotRow[]> {
  let own = db.selectFrom('snapshots').selectAll().where('model_id', '=', sql<string>`asked.model_id`);
  if (start !== undefined) own = own.where('cycle_end', '>=', start);
  if (end !== undefined) own = own.where('cycle_end', '<=', end);
  const { rows } = await sql<SnapshotRow>`
    select newest.* from unnest(${modelIds}::text[]) with ordinality as asked(model_id, place)
    cross join lateral (${own.orderBy('cycle_end', 'desc').limit(1)}) as newest
    order by asked.place`.execute(db);
  return rows;
}
