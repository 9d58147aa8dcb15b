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
  /** id of one of the models */
  readonly example: string;
  /** its name, with the id where several models share the name; null: not known */
  readonly example_name: string | null;
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
  const names = await distinctNames(
    db,
    rows.map(({ example }) => example),
  );
  return rows.map(({ times, models, reason, ...row }) => ({
    ...row,
    example_name: names.get(row.example) ?? null,
    reason: reason ?? 'no reason given',
    times: Number(times),
    models: Number(models),
  }));
}

/** By model id, of those that have a name: participants choose names, so two may have the same. */
async function distinctNames(db: Kysely<Database>, modelIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (modelIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('models as model')
    .select(({ selectFrom }) => [
      'model.model_id',
      'model.model_name',
      selectFrom('models as other')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .whereRef('other.model_name', '=', 'model.model_name')
        .as('sharing'),
    ])
    .where('model.model_id', 'in', [...modelIds])
    .where('model.model_name', '!=', '')
    .execute();
  return new Map(
    rows.map(({ model_id, model_name, sharing }) => [
      model_id,
      Number(sharing) > 1 ? `${model_name} (${model_id})` : model_name,
    ]),
  );
}

const NUMBER = '-?[0-9]+([.][0-9]+)?(e[-+]?[0-9]+)?';

const shortened = (column: 'reason' | 'failed_reason') =>
  sql<string | null>`left(${sql.ref(column)}, ${REASON_CHARACTERS})`;
