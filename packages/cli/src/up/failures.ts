import type { ReadModel } from '@crunch-node/projections';
import { sql } from 'kysely';
import { count, table } from '../show/text.ts';

export interface FailureCount {
  /** `answer` of a model, or `score` of an answer */
  readonly what: 'answer' | 'score';
  readonly reason: string;
  readonly times: number;
  readonly models: number;
  /** one of the models */
  readonly example: string;
}

/** Reasons that are shown; what is less common is counted. */
const SHOWN = 5;
/** Of a reason: what follows are often the participant's own words. */
const REASON_CHARACTERS = 160;

/** Why answers and scores failed, the commonest reasons first. */
export async function commonFailures({ db, schema }: ReadModel): Promise<readonly FailureCount[]> {
  const { rows } = await sql<{
    what: FailureCount['what'];
    reason: string;
    times: string;
    models: string;
    example: string;
  }>`
    select what, reason, count(*) as times, count(distinct model_id) as models, min(model_id) as example from (
      select 'answer' as what, left(reason, ${REASON_CHARACTERS}) as reason, model_id from ${sql.id(schema, 'predictions')}
      where status = 'FAILED'
      union all
      select 'score', left(failed_reason, ${REASON_CHARACTERS}), model_id from ${sql.id(schema, 'scores')}
      where outcome = 'scored' and not success
    ) failed group by what, reason order by times desc, what, reason`.execute(db);
  return rows.map(({ times, models, reason, ...row }) => ({
    ...row,
    reason: reason ?? 'no reason given',
    times: Number(times),
    models: Number(models),
  }));
}

/** Null: nothing failed. */
export function failuresText(failures: readonly FailureCount[]): string | null {
  if (failures.length === 0) return null;
  const shown = failures.slice(0, SHOWN);
  const rest = failures.slice(SHOWN).reduce((sum, { times }) => sum + times, 0);
  const rows = shown.map(({ what, reason, times, models, example }) => [
    count(times),
    what,
    models === 1 ? `model ${example}` : `${models} models, such as ${example}`,
    reason,
  ]);
  const text = table(
    [{ title: 'times', align: 'right' }, { title: 'failed' }, { title: 'of' }, { title: 'reason' }],
    rows,
  );
  return rest === 0 ? text : `${text}\n  and ${count(rest)} for other reasons: /reports/predictions?status=FAILED`;
}
