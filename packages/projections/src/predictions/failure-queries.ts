import type { Instant } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';

export interface FailureCount {
  /** `answer`: the prediction of a model failed; `score`: its scoring failed */
  readonly what: 'answer' | 'score';
  /** of one of them: reasons that differ in their numbers alone are counted together */
  readonly reason: string;
  readonly times: number;
  readonly models: number;
  /** one of the models */
  readonly example: string;
}

/** Of a reason: the rest is often a text of the participant's code. */
const REASON_CHARACTERS = 160;

export interface FailuresOf {
  /** bounds of `performed_at`, both inclusive; default: all there is */
  readonly start?: Instant | undefined;
  readonly end?: Instant | undefined;
  /** reasons at most, default all */
  readonly limit?: number;
}

/** Why predictions and scores failed, the commonest reasons first. */
export async function commonFailures(
  db: Kysely<Database>,
  { start, end, limit }: FailuresOf = {},
): Promise<readonly FailureCount[]> {
  let answers = db
    .selectFrom('predictions')
    .select(['model_id', sql<FailureCount['what']>`'answer'`.as('what'), shortened('reason').as('reason')])
    .where('status', '=', 'FAILED');
  let scored = db
    .selectFrom('scores')
    .innerJoin('scored_rounds as round', 'round.round_id', 'scores.round_id')
    .select(['scores.model_id', sql<FailureCount['what']>`'score'`.as('what'), shortened('failed_reason').as('reason')])
    .where('outcome', '!=', 'expired')
    .where('success', '=', false);
  if (start !== undefined) {
    answers = answers.where('performed_at', '>=', start);
    scored = scored.where('round.performed_at', '>=', start);
  }
  if (end !== undefined) {
    answers = answers.where('performed_at', '<=', end);
    scored = scored.where('round.performed_at', '<=', end);
  }
  const rows = await db
    .selectFrom(answers.unionAll(scored).as('failed'))
    .select(({ fn, ref }) => [
      'what',
      fn.min(ref('reason')).as('reason'),
      fn.countAll<number>().as('times'),
      fn.count<number>('model_id').distinct().as('models'),
      fn.min(ref('model_id')).as('example'),
    ])
    .groupBy(['what', sql`regexp_replace(reason, ${NUMBER}, '#', 'g')`])
    .orderBy('times', 'desc')
    .orderBy('what')
    .orderBy(sql`min(reason)`)
    .$if(limit !== undefined, (some) => some.limit(limit ?? 0))
    .execute();
  return rows.map(({ times, models, reason, ...row }) => ({
    ...row,
    reason: reason ?? 'no reason given',
    times: Number(times),
    models: Number(models),
  }));
}

const NUMBER = '-?[0-9]+([.][0-9]+)?(e[-+]?[0-9]+)?';

const shortened = (column: 'reason' | 'failed_reason') =>
  sql<string | null>`left(${sql.ref(column)}, ${REASON_CHARACTERS})`;
