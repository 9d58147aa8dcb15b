import type { CheckpointRanking, Instant } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';
import { modelNames } from '../models/queries.ts';
import { CHECKPOINT_STATUS, type CheckpointStatus } from './status.ts';
import type { CheckpointRow } from './tables.ts';

export type RankedInCheckpoint = CheckpointRanking & {
  readonly model_name: string | null;
  readonly cruncher_name: string | null;
};

export interface ListedCheckpoint extends Omit<CheckpointRow, 'ranking'> {
  readonly status: CheckpointStatus;
  readonly tx_hash: string | null;
  readonly submitted_at: Instant | null;
  readonly ranking: readonly RankedInCheckpoint[];
}

const furthestStep = sql<CheckpointStatus>`${sql.raw(CHECKPOINT_STATUS)}`;

/** Newest first, each at its furthest step, with the names its models have today. */
export async function newestCheckpoints(
  db: Kysely<Database>,
  { id, status, limit }: { readonly id?: string; readonly status?: string | undefined; readonly limit: number },
): Promise<ListedCheckpoint[]> {
  let query = db
    .selectFrom('checkpoints as checkpoint')
    .leftJoin('checkpoint_transitions as submitted', (join) =>
      join.onRef('submitted.checkpoint_id', '=', 'checkpoint.checkpoint_id').on('submitted.status', '=', 'SUBMITTED'),
    )
    .leftJoin('checkpoint_transitions as claimable', (join) =>
      join.onRef('claimable.checkpoint_id', '=', 'checkpoint.checkpoint_id').on('claimable.status', '=', 'CLAIMABLE'),
    )
    .leftJoin('checkpoint_transitions as paid', (join) =>
      join.onRef('paid.checkpoint_id', '=', 'checkpoint.checkpoint_id').on('paid.status', '=', 'PAID'),
    )
    .selectAll('checkpoint')
    .select(['submitted.tx_hash', 'submitted.at as submitted_at', furthestStep.as('status')]);
  if (id !== undefined) query = query.where('checkpoint.checkpoint_id', '=', id);
  if (status !== undefined) query = query.where(furthestStep, '=', status as CheckpointStatus);
  const rows = await query
    .orderBy('checkpoint.period_end', 'desc')
    .orderBy('checkpoint.checkpoint_id', 'desc')
    .limit(limit)
    .execute();

  const names = await modelNames(db, [...new Set(rows.flatMap(({ ranking }) => ranking.map((r) => r.model_id)))]);
  const unknown = { model_name: null, cruncher_name: null };
  return rows.map((row) => ({
    ...row,
    ranking: row.ranking.map((ranked) => ({ ...ranked, ...(names.get(ranked.model_id) ?? unknown) })),
  }));
}
