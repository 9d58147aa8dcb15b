import { type QueryExecutorProvider, sql } from 'kysely';
import { foldRows } from '../gather-rows.ts';
import { chunksOf, columnList, selectRows, writeRows } from '../write-rows.ts';
import {
  type ScoredRoundRow,
  type ScoreRow,
  type ScoreScopeRow,
  scoreDays,
  scoredRounds,
  scoreHours,
  scoreScopes,
  scores,
} from './tables.ts';

export interface RowsOfScores {
  readonly scored_rounds: readonly ScoredRoundRow[];
  readonly scores: readonly ScoreRow[];
  readonly score_scopes: readonly ScoreScopeRow[];
}

/**
 * Rounds, their scores, and in the same statement the hours and days these belong to. A repeated score counts once,
 * since only rows that were really added are summed; sums are exact, so batches may be cut anywhere.
 */
export async function writeScores(db: QueryExecutorProvider, schema: string, rows: RowsOfScores): Promise<number> {
  await writeRows(db, schema, scoredRounds, rows.scored_rounds);
  for (const some of chunksOf(rows.scores)) {
    await sql`
      with added as (
        insert into ${sql.id(schema, scores.name)} (${columnList(scores)}) ${selectRows(scores, some)}
        on conflict do nothing
        returning round_id, model_id, success, value
      ),
      hours as (
        select added.model_id, round.scope_key, date_trunc('hour', round.performed_at, 'UTC') as hour,
          count(*) as scored, sum(added.value::text::numeric) as total, max(round.performed_at) as performed_at
        from added join ${sql.id(schema, scoredRounds.name)} as round using (round_id)
        where added.success and added.value is not null
        group by 1, 2, 3
      ),
      hours_added as (
        insert into ${sql.id(schema, scoreHours.name)} as known
          (model_id, scope_key, hour, scored, total, performed_at)
        select * from hours ${addTo('hour')}
      )
      insert into ${sql.id(schema, scoreDays.name)} as known (model_id, scope_key, day, scored, total, performed_at)
      select model_id, scope_key, date_trunc('day', hour, 'UTC'), sum(scored), sum(total), max(performed_at)
      from hours group by 1, 2, 3 ${addTo('day')}`.execute(db);
  }
  const scopes = await writeScopes(db, schema, rows.score_scopes);
  return rows.scored_rounds.length + rows.scores.length + scopes;
}

/** Repeating a scope changes nothing. */
export async function writeScopes(
  db: QueryExecutorProvider,
  schema: string,
  rows: readonly ScoreScopeRow[],
): Promise<number> {
  const scopes = foldRows(scoreScopes, rows, foldScopes);
  if (scopes.length > 0) {
    await sql`
      insert into ${sql.id(schema, scoreScopes.name)} as known (${columnList(scoreScopes)})
      ${selectRows(scoreScopes, scopes)}
      on conflict (scope_key) do update set
        scope = case when excluded.performed_at > known.performed_at then excluded.scope else known.scope end,
        performed_at = greatest(known.performed_at, excluded.performed_at),
        lag_seconds = greatest(known.lag_seconds, excluded.lag_seconds)`.execute(db);
  }
  return scopes.length;
}

/** The hours and days of all scores, when all of them are there. */
export async function sumScores(db: QueryExecutorProvider, schema: string): Promise<void> {
  await sql`
    insert into ${sql.id(schema, scoreHours.name)} (model_id, scope_key, hour, scored, total, performed_at)
    select score.model_id, round.scope_key, date_trunc('hour', round.performed_at, 'UTC'),
      count(*), sum(score.value::text::numeric), max(round.performed_at)
    from ${sql.id(schema, scores.name)} as score join ${sql.id(schema, scoredRounds.name)} as round using (round_id)
    where score.success and score.value is not null
    group by 1, 2, 3`.execute(db);
  await sql`
    insert into ${sql.id(schema, scoreDays.name)} (model_id, scope_key, day, scored, total, performed_at)
    select model_id, scope_key, date_trunc('day', hour, 'UTC'), sum(scored), sum(total), max(performed_at)
    from ${sql.id(schema, scoreHours.name)} group by 1, 2, 3`.execute(db);
}

const addTo = (unit: 'hour' | 'day') => sql`
  on conflict (model_id, scope_key, ${sql.ref(unit)}) do update set
    scored = known.scored + excluded.scored,
    total = known.total + excluded.total,
    performed_at = greatest(known.performed_at, excluded.performed_at)`;

/** The scope as it was last published, with the longest it ever took. */
export function foldScopes(known: ScoreScopeRow, row: ScoreScopeRow): ScoreScopeRow {
  const newest = row.performed_at > known.performed_at ? row : known;
  const lag_seconds = Math.max(row.lag_seconds, known.lag_seconds);
  return newest.lag_seconds === lag_seconds ? newest : { ...newest, lag_seconds };
}
