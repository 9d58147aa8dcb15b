import type { Instant, JsonObject } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';
import { PREDICTION_STATUS, type PredictionStatus } from './status.ts';

export interface ListedPrediction {
  readonly prediction_id: string;
  readonly model_id: string;
  readonly config_id: string | null;
  readonly scope_key: string;
  readonly scope: JsonObject;
  readonly status: PredictionStatus;
  /** why it is FAILED or ABSENT at prediction time */
  readonly reason: string | null;
  readonly exec_time_ms: number | null;
  readonly performed_at: Instant;
  readonly resolvable_at: Instant | null;
  readonly score_value: number | null;
  /** null while there is no score */
  readonly score_success: boolean | null;
  readonly score_failed_reason: string | null;
  readonly scored_at: Instant | null;
}

export interface PredictionFilter {
  /** null: of all models */
  readonly modelIds: readonly string[] | null;
  /** bounds of `performed_at`, both inclusive */
  readonly start: Instant;
  readonly end: Instant;
  readonly status?: string | undefined;
  readonly limit: number;
  /** how many of the newest to skip */
  readonly offset: number;
}

const status = sql<PredictionStatus>`${sql.raw(PREDICTION_STATUS)}`;

/** The newest `limit` predictions of a span of time with their scores, oldest of them first. */
export async function newestPredictions(
  db: Kysely<Database>,
  { modelIds, start, end, status: wanted, limit, offset }: PredictionFilter,
): Promise<ListedPrediction[]> {
  if (modelIds?.length === 0) return [];
  let query = listed(db, { start, end, status: wanted });
  if (modelIds !== null) query = query.where('prediction.model_id', 'in', [...modelIds]);
  const newestFirst = await query
    .orderBy('prediction.performed_at', 'desc')
    .orderBy('prediction.round_id', 'desc')
    .orderBy('prediction.model_id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute();
  return newestFirst.reverse().map(withScope);
}

export const withScope = <R extends { readonly scope: JsonObject | null }>(row: R) => ({
  ...row,
  scope: row.scope ?? {},
});

/** Predictions of all models in a span of time with their scores and the id of their round, in no order. */
export function listed(
  db: Kysely<Database>,
  { start, end, status: wanted }: Partial<Pick<PredictionFilter, 'start'>> & Pick<PredictionFilter, 'end' | 'status'>,
) {
  let query = db
    .selectFrom('predictions as prediction')
    .innerJoin('rounds as round', 'round.round_id', 'prediction.round_id')
    .leftJoin('scores as score', (join) =>
      join.onRef('score.round_id', '=', 'prediction.round_id').onRef('score.model_id', '=', 'prediction.model_id'),
    )
    .select([
      'prediction.round_id',
      'prediction.prediction_id',
      'prediction.model_id',
      'round.config_id',
      'round.scope_key',
      'round.scope',
      status.as('status'),
      'prediction.reason',
      'prediction.exec_time_ms',
      'prediction.performed_at',
      'round.resolvable_at',
      'score.value as score_value',
      'score.success as score_success',
      'score.failed_reason as score_failed_reason',
      'score.scored_at',
    ])
    .where('prediction.performed_at', '<=', end);
  if (start !== undefined) query = query.where('prediction.performed_at', '>=', start);
  return wanted === undefined ? query : query.where(status, '=', wanted as PredictionStatus);
}

/** Time of the newest round; null before the first. In replay this, not the wall clock, is "now". */
export async function newestPerformedAt(db: Kysely<Database>): Promise<Instant | null> {
  const { newest } = await db
    .selectFrom('rounds')
    .select(({ fn }) => fn.max('performed_at').as('newest'))
    .executeTakeFirstOrThrow();
  return newest;
}
