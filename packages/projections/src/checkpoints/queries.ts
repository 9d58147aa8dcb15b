import type { CheckpointRanking, Instant } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';
import { modelNames } from '../models/queries.ts';
import type { Thinnable } from '../sliced.ts';
import { lastOfEach, stretchesOf } from '../time-stretches.ts';
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

export interface CheckpointFilter {
  readonly id?: string;
  readonly ids?: readonly string[];
  readonly status?: string | undefined;
  /** bounds of the end of its period, both inclusive */
  readonly start?: Instant | undefined;
  readonly end?: Instant | undefined;
  readonly limit: number;
}

/** Which checkpoint, and when its period ended. */
export type CheckpointPlace = Pick<CheckpointRow, 'checkpoint_id' | 'period_end'>;

/** Checkpoints whose period ends in a span of time, oldest first: the last of each fixed stretch where they are too many. */
export async function checkpointSeries(
  db: Kysely<Database>,
  { start, end, limit }: { readonly start: Instant; readonly end: Instant; readonly limit: number },
): Promise<Thinnable<CheckpointPlace>> {
  const found = await db
    .selectFrom('checkpoints')
    .select(['checkpoint_id', 'period_end'])
    .where('period_end', '>=', start)
    .where('period_end', '<=', end)
    .orderBy('period_end')
    .orderBy('checkpoint_id')
    .execute();
  const [first] = found;
  const last = found.at(-1);
  if (first === undefined || last === undefined) return { rows: [], stretch_seconds: null };
  const stretches = found.length > limit ? stretchesOf({ start: first.period_end, end: last.period_end }, limit) : null;
  const chosen = stretches === null ? found : lastOfEach(found, ({ period_end }) => period_end, stretches);
  return { rows: chosen, stretch_seconds: stretches?.seconds ?? null };
}

/** Newest first, each at its furthest step, with the names its models have today. */
export async function newestCheckpoints(
  db: Kysely<Database>,
  { id, ids, status, start, end, limit }: CheckpointFilter,
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
  if (ids !== undefined) query = query.where('checkpoint.checkpoint_id', 'in', [...ids]);
  if (start !== undefined) query = query.where('checkpoint.period_end', '>=', start);
  if (end !== undefined) query = query.where('checkpoint.period_end', '<=', end);
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
