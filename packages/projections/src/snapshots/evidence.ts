import type { Instant } from '@crunch-node/streams';
import type { Kysely } from 'kysely';
import type { Database } from '../database.ts';
import type { MerkleCycleRow } from './tables.ts';

export interface MerkleCycleFilter {
  /** bounds of the creation, both inclusive */
  readonly since?: Instant | undefined;
  readonly until?: Instant | undefined;
  readonly limit: number;
}

/** The newest `limit` cycles of the chain, oldest of them first. */
export async function newestMerkleCycles(
  db: Kysely<Database>,
  { since, until, limit }: MerkleCycleFilter,
): Promise<MerkleCycleRow[]> {
  let query = db.selectFrom('merkle_cycles').selectAll();
  if (since !== undefined) query = query.where('created_at', '>=', since);
  if (until !== undefined) query = query.where('created_at', '<=', until);
  return (await query.orderBy('created_at', 'desc').limit(limit).execute()).reverse();
}

export const merkleCycle = (db: Kysely<Database>, cycleId: string): Promise<MerkleCycleRow | undefined> =>
  db.selectFrom('merkle_cycles').selectAll().where('cycle_id', '=', cycleId).executeTakeFirst();

/** The parts of a snapshot's proof. Trees are computed again from it, which is cheaper than keeping them. */
export interface SnapshotEvidence {
  readonly content_hash: string;
  readonly cycle: MerkleCycleRow;
  /** content hashes of the cycle's snapshots, in leaf order */
  readonly leaves: readonly string[];
  /** null while no checkpoint covers the cycle */
  readonly checkpoint: {
    readonly checkpoint_id: string;
    readonly merkle_root: string | null;
    /** chained roots of its cycles, in leaf order */
    readonly leaves: readonly string[];
  } | null;
}

/** Undefined when there is no such snapshot, or its cycle is not closed yet. */
export async function snapshotEvidence(
  db: Kysely<Database>,
  snapshotId: string,
): Promise<SnapshotEvidence | undefined> {
  const snapshot = await db
    .selectFrom('snapshots')
    .select(['content_hash', 'cycle_end'])
    .where('snapshot_id', '=', snapshotId)
    .executeTakeFirst();
  if (snapshot === undefined) return undefined;
  const { content_hash, cycle_end } = snapshot;
  const cycle = await db.selectFrom('merkle_cycles').selectAll().where('created_at', '=', cycle_end).executeTakeFirst();
  if (cycle === undefined) return undefined;
  const leaves = await db
    .selectFrom('snapshots')
    .select('content_hash')
    .where('cycle_end', '=', cycle_end)
    .orderBy('model_id')
    .execute();
  return {
    content_hash,
    cycle,
    leaves: leaves.map((leaf) => leaf.content_hash),
    checkpoint: await checkpointOver(db, cycle_end),
  };
}

/** A checkpoint covers the cycles of `(period_start, period_end]`. */
async function checkpointOver(db: Kysely<Database>, cycleEnd: Instant): Promise<SnapshotEvidence['checkpoint']> {
  const checkpoint = await db
    .selectFrom('checkpoints')
    .select(['checkpoint_id', 'merkle_root', 'period_start', 'period_end'])
    .where('period_end', '>=', cycleEnd)
    .where('period_start', '<', cycleEnd)
    .orderBy('period_end')
    .limit(1)
    .executeTakeFirst();
  if (checkpoint === undefined) return null;
  const { checkpoint_id, merkle_root, period_start, period_end } = checkpoint;
  const cycles = await db
    .selectFrom('merkle_cycles')
    .select('chained_root')
    .where('created_at', '>', period_start)
    .where('created_at', '<=', period_end)
    .orderBy('created_at')
    .execute();
  return { checkpoint_id, merkle_root, leaves: cycles.map(({ chained_root }) => chained_root) };
}
