import type { Instant } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';
import { type ListedModel, listModels } from './queries.ts';
import type { ModelStateRow } from './tables.ts';

/** Outcomes of a model's newest calls. */
export interface CallCounts {
  /** rounds it was expected in */
  readonly rounds: number;
  /** returned a usable prediction */
  readonly succeeded: number;
  /** returned an unusable prediction */
  readonly invalid: number;
  readonly failed: number;
  readonly timed_out: number;
  /** not called, since it was not there */
  readonly absent: number;
  readonly first_at: Instant | null;
  readonly last_at: Instant | null;
  readonly last_call_at: Instant | null;
  readonly last_success_at: Instant | null;
  /** milliseconds, of those that were measured; empty when none was */
  readonly latency_ms: readonly number[] | null;
}

export interface CallFault {
  readonly prediction_id: string;
  readonly performed_at: Instant;
  readonly status: 'FAILED' | 'ABSENT';
  readonly runner_status: 'SUCCESS' | 'FAILED' | 'TIMEOUT' | null;
  readonly reason: string | null;
}

export interface ModelStatus {
  readonly model: ListedModel;
  /** null when MODELS never named it */
  readonly state: Omit<ModelStateRow, 'model_id'> | null;
  readonly calls: CallCounts;
  /** newest first */
  readonly faults: readonly CallFault[];
}

export const LATENCY_PERCENTILES = [0.5, 0.95, 0.99] as const;

/** Status of a model, by its newest `calls` rounds. Undefined for a model that never appeared. */
export async function modelStatus(
  db: Kysely<Database>,
  modelId: string,
  { calls, faults }: { readonly calls: number; readonly faults: number },
): Promise<ModelStatus | undefined> {
  const model = (await listModels(db)).find(({ model_id }) => model_id === modelId);
  if (model === undefined) return undefined;
  const state = await db.selectFrom('model_states').selectAll().where('model_id', '=', modelId).executeTakeFirst();
  const newest = model.is_ensemble ? signalled(db, modelId, calls) : asked(db, modelId, calls);
  const counted = await db
    .selectFrom(newest.as('call'))
    .select(({ fn }) => [
      fn.countAll<number>().as('rounds'),
      countOf(sql`status = 'PENDING'`).as('succeeded'),
      countOf(sql`status = 'FAILED' and runner_status = 'SUCCESS'`).as('invalid'),
      countOf(sql`runner_status = 'FAILED' or (status = 'FAILED' and runner_status is null)`).as('failed'),
      countOf(sql`runner_status = 'TIMEOUT'`).as('timed_out'),
      countOf(sql`status = 'ABSENT' and runner_status is null`).as('absent'),
      fn.min<Instant | null>('performed_at').as('first_at'),
      fn.max<Instant | null>('performed_at').as('last_at'),
      sql<Instant | null>`max(performed_at) filter (where status <> 'ABSENT' or runner_status is not null)`.as(
        'last_call_at',
      ),
      sql<Instant | null>`max(performed_at) filter (where status = 'PENDING')`.as('last_success_at'),
      sql<number[] | null>`percentile_cont(${[...LATENCY_PERCENTILES]}::double precision[])
        within group (order by exec_time_ms)`.as('latency_ms'),
    ])
    .executeTakeFirstOrThrow();
  const failed = await db
    .selectFrom(newest.as('call'))
    .select(['prediction_id', 'performed_at', 'status', 'runner_status', 'reason'])
    .where('status', '<>', 'PENDING')
    .orderBy('performed_at', 'desc')
    .orderBy('prediction_id', 'desc')
    .limit(faults)
    .execute();
  return { model, state: state ?? null, calls: counted, faults: failed as CallFault[] };
}

const countOf = (condition: ReturnType<typeof sql>) => sql<number>`count(*) filter (where ${condition})`;

const asked = (db: Kysely<Database>, modelId: string, limit: number) =>
  db
    .selectFrom('predictions')
    .select(['prediction_id', 'performed_at', 'status', 'runner_status', 'reason', 'exec_time_ms'])
    .where('model_id', '=', modelId)
    .orderBy('performed_at', 'desc')
    .orderBy('round_id', 'desc')
    .limit(limit);

/** A virtual model is never called: its signals take the place of predictions. */
const signalled = (db: Kysely<Database>, modelId: string, limit: number) =>
  db
    .selectFrom('ensembles as ensemble')
    .innerJoin('signals as signal', 'signal.name', 'ensemble.name')
    .select([
      'signal.prediction_id',
      'signal.performed_at',
      sql<'PENDING' | 'FAILED' | 'ABSENT'>`case when signal.value is null then 'FAILED' else 'PENDING' end`.as(
        'status',
      ),
      sql<'SUCCESS' | 'FAILED' | 'TIMEOUT' | null>`null::text`.as('runner_status'),
      sql<string | null>`case when signal.value is null then 'no member gave a usable answer' end`.as('reason'),
      sql<number | null>`null::double precision`.as('exec_time_ms'),
    ])
    .where('ensemble.model_id', '=', modelId)
    .orderBy('signal.performed_at', 'desc')
    .limit(limit);
