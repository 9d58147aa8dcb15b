import { type QueryExecutorProvider, sql } from 'kysely';

/** A place on the newest ranking of models. */
export interface RankedPlace {
  readonly rank: number;
  readonly model_id: string;
  /** the ranked value */
  readonly value: number | null;
}

/** The best of the newest ranking in a schema; none where another release keeps rankings otherwise. In a transaction. */
export async function leaderboardTop(
  db: QueryExecutorProvider,
  schema: string,
  limit: number,
): Promise<readonly RankedPlace[]> {
  await sql`savepoint top`.execute(db);
  try {
    const { rows } = await sql<RankedPlace>`
      select rank, model_id, (score_ranking ->> 'value')::double precision as value
      from ${sql.id(schema, 'leaderboard_entries')}
      where kind = 'model' and cycle_end = (select max(cycle_end) from ${sql.id(schema, 'leaderboards')})
      order by rank, model_id limit ${sql.lit(limit)}`.execute(db);
    return rows;
  } catch (error) {
    if (!['42703', '42P01'].includes((error as { code?: string }).code ?? '')) throw error;
    await sql`rollback to savepoint top`.execute(db);
    return [];
  }
}
