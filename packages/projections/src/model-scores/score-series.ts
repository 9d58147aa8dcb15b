import { ENSEMBLE_PREFIX } from '@crunch-node/domain';
import type { Instant, RankedEntry } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';
import type { SnapshotRow } from '../snapshots/tables.ts';
import { type Stretches, stretchesOf } from '../time-stretches.ts';

export interface ScoreSeriesFilter {
  readonly modelIds: readonly string[];
  /** bounds of the creation, both inclusive */
  readonly start: Instant;
  readonly end: Instant;
  /** how many snapshots at most; of more, each model's newest of fixed stretches of time */
  readonly limit: number;
  /** how many of each model at most, thinned in the same way */
  readonly points?: number | undefined;
}

export interface Thinnable<T> {
  readonly rows: T[];
  /** length of the stretches of which each series has its newest row; null: nothing was left out */
  readonly stretch_seconds: number | null;
}

/** A snapshot with the ranked value at that time. */
export interface ScoredSnapshot
  extends Pick<
    SnapshotRow,
    'model_id' | 'cycle_end' | 'period_start' | 'period_end' | 'prediction_count' | 'failed_count' | 'result_summary'
  > {
  /** null when it was not ranked */
  readonly score_metrics: RankedEntry['score']['metrics'] | null;
  readonly score_ranking: RankedEntry['score']['ranking'] | null;
}

/** The snapshots of a span with their rankings, in order of time and model. */
export async function scoreSeries(db: Kysely<Database>, filter: ScoreSeriesFilter): Promise<Thinnable<ScoredSnapshot>> {
  if (filter.modelIds.length === 0) return { rows: [], stretch_seconds: null };
  const stretches = await stretchesFor(db, filter);
  const chosen = stretches === null ? within(db, filter) : thinned(db, filter, stretches);
  const board = db
    .selectFrom('leaderboards')
    .select('cycle_end')
    .where('cycle_end', '<=', sql<string>`cycle.cycle_end`)
    .orderBy('cycle_end', 'desc')
    .limit(1);
  const entry = db
    .selectFrom('leaderboard_entries')
    .select(['score_metrics', 'score_ranking'])
    .where('cycle_end', '=', sql<string>`board.ranked_at`)
    .where(
      'kind',
      '=',
      sql<
        'model' | 'ensemble'
      >`case when starts_with(chosen.model_id, ${ENSEMBLE_PREFIX}::text) then 'ensemble' else 'model' end`,
    )
    .where('model_id', '=', sql<string>`chosen.model_id`)
    .limit(1); // by the primary key, however many the planner thinks there are
  const { rows } = await sql<ScoredSnapshot>`
    with chosen as materialized (${chosen}),
    board as materialized (
      select cycle.cycle_end, (${board}) as ranked_at from (select distinct cycle_end from chosen) as cycle
    )
    select chosen.*, entry.score_metrics, entry.score_ranking
    from chosen join board using (cycle_end)
    left join lateral (${entry}) as entry on true
    order by chosen.cycle_end desc, chosen.model_id desc
    limit ${filter.limit}`.execute(db);
  return { rows: rows.reverse(), stretch_seconds: stretches?.seconds ?? null };
}

/** Null when all of it may be shown. */
async function stretchesFor(db: Kysely<Database>, filter: ScoreSeriesFilter): Promise<Stretches | null> {
  const { modelIds, start, end, limit, points } = filter;
  if (points === undefined && !(await exceeds(db, filter))) return null;
  const { first, last } = await db
    .selectFrom('snapshots')
    .select(({ fn }) => [fn.min('cycle_end').as('first'), fn.max('cycle_end').as('last')])
    .where('cycle_end', '>=', start)
    .where('cycle_end', '<=', end)
    .executeTakeFirstOrThrow();
  // Within existing snapshots: an open end would make stretches of years.
  return stretchesOf({ start: first ?? start, end: last ?? end }, pointsOfEach(modelIds.length, limit, points));
}

/** How many rows each of some series may have, so that all of them fit; at least one. */
export const pointsOfEach = (series: number, limit: number, points = Number.POSITIVE_INFINITY): number =>
  Math.max(1, Math.min(points, Math.floor(limit / Math.max(1, series))));

/** A multiple of the length of a stretch since the epoch. */
export const boundOf = (slots: string, seconds: number) =>
  sql<string>`timestamptz 'epoch' + (${sql.raw(slots)}) * ${seconds}::bigint * interval '1 second'`;

const columns = [
  'model_id',
  'cycle_end',
  'period_start',
  'period_end',
  'prediction_count',
  'failed_count',
  'result_summary',
] as const;

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
function thinned(
  db: Kysely<Database>,
  { modelIds, start, end }: ScoreSeriesFilter,
  { seconds, first, last }: Stretches,
) {
  const newest = db
    .selectFrom('snapshots')
    .select(columns)
    .where('model_id', '=', sql<string>`asked.model_id`)
    .where('cycle_end', '>', boundOf('slot', seconds))
    .where('cycle_end', '<=', boundOf('slot + 1', seconds))
    .where('cycle_end', '>=', start)
    .where('cycle_end', '<=', end)
    .orderBy('cycle_end', 'desc')
    .limit(1);
  return sql`
    select newest.* from unnest(${modelIds}::text[]) as asked(model_id)
    cross join generate_series(${first}::integer, ${last}::integer) as slot
    cross join lateral (${newest}) as newest`;
}
