import { type Instant, microsOf, type RankedEntry } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';
import type { SnapshotRow } from '../snapshots/tables.ts';

export interface ScoreSeriesFilter {
  readonly modelIds: readonly string[];
  /** bounds of the creation, both inclusive */
  readonly start: Instant;
  readonly end: Instant;
  /** how many snapshots at most; of more, each model's newest of equal stretches of time */
  readonly limit: number;
}

/** A snapshot with what the model was ranked by then. */
export interface ScoredSnapshot
  extends Pick<
    SnapshotRow,
    'model_id' | 'cycle_end' | 'period_end' | 'prediction_count' | 'failed_count' | 'result_summary'
  > {
  /** null when it was not ranked */
  readonly score_metrics: RankedEntry['score']['metrics'] | null;
  readonly score_ranking: RankedEntry['score']['ranking'] | null;
}

/** The snapshots of a span with their rankings, in order of time and model. */
export async function scoreSeries(db: Kysely<Database>, filter: ScoreSeriesFilter): Promise<ScoredSnapshot[]> {
  if (filter.modelIds.length === 0) return [];
  const chosen = (await exceeds(db, filter)) ? await thinned(db, filter) : within(db, filter);
  const board = db
    .selectFrom('leaderboards')
    .select('cycle_end')
    .where('cycle_end', '<=', sql<string>`chosen.cycle_end`)
    .orderBy('cycle_end', 'desc')
    .limit(1);
  const entry = db
    .selectFrom('leaderboard_entries')
    .select(['score_metrics', 'score_ranking'])
    .where('cycle_end', '=', sql<string>`board.cycle_end`)
    .where('kind', 'in', ['model', 'ensemble'])
    .where('model_id', '=', sql<string>`chosen.model_id`);
  const { rows } = await sql<ScoredSnapshot>`
    select chosen.*, entry.score_metrics, entry.score_ranking
    from (${chosen}) as chosen
    left join lateral (${board}) as board on true
    left join lateral (${entry}) as entry on true
    order by chosen.cycle_end, chosen.model_id`.execute(db);
  return rows;
}

const columns = ['model_id', 'cycle_end', 'period_end', 'prediction_count', 'failed_count', 'result_summary'] as const;

const within = (db: Kysely<Database>, { modelIds, start, end }: ScoreSeriesFilter) =>
  db
    .selectFrom('snapshots')
    .select(columns)
    .where('model_id', '=', sql<string>`any(${modelIds}::text[])`)
    .where('cycle_end', '>=', start)
    .where('cycle_end', '<=', end);

/** Counts no further than it has to. */
async function exceeds(db: Kysely<Database>, filter: ScoreSeriesFilter): Promise<boolean> {
  const { found } = await db
    .selectFrom(
      within(db, filter)
        .clearSelect()
        .select('cycle_end')
        .limit(filter.limit + 1)
        .as('some'),
    )
    .select(({ fn }) => fn.countAll<number>().as('found'))
    .executeTakeFirstOrThrow();
  return found > filter.limit;
}

/** One probe of the primary key for each model and stretch, however many snapshots lie in it. */
async function thinned(db: Kysely<Database>, { modelIds, start, end, limit }: ScoreSeriesFilter) {
  const { first } = await db
    .selectFrom('snapshots')
    .select(({ fn }) => fn.min('cycle_end').as('first'))
    .where('cycle_end', '>=', start)
    .executeTakeFirstOrThrow();
  const from = first ?? start;
  const points = Math.max(1, Math.floor(limit / modelIds.length));
  const stretchMicros = Math.max(1, Math.ceil((microsOf(end) - microsOf(from) + 1) / points));
  const bound = (slots: string) =>
    sql<string>`${end}::timestamptz - ${sql.raw(slots)} * ${stretchMicros}::bigint * interval '1 microsecond'`;
  const newest = db
    .selectFrom('snapshots')
    .select(columns)
    .where('model_id', '=', sql<string>`asked.model_id`)
    .where('cycle_end', '>', bound('(slot + 1)'))
    .where('cycle_end', '<=', bound('slot'))
    .where('cycle_end', '>=', start)
    .orderBy('cycle_end', 'desc')
    .limit(1);
  return sql`
    select newest.* from unnest(${modelIds}::text[]) as asked(model_id)
    cross join generate_series(0, ${points - 1}::integer) as slot
    cross join lateral (${newest}) as newest`;
}
