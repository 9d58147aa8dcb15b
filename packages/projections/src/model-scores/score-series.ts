import { ENSEMBLE_PREFIX } from '@crunch-node/domain';
import type { Instant, RankedEntry } from '@crunch-node/streams';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database } from '../database.ts';
import { type Sliced, WHOLE_STRETCHES } from '../sliced.ts';
import type { SnapshotRow } from '../snapshots/tables.ts';
import { stretchesOf } from '../time-stretches.ts';

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

/** The snapshots of a span with their rankings, in order of time and model. To be read a few stretches at a time. */
export async function slicedScores(db: Kysely<Database>, filter: ScoreSeriesFilter): Promise<Sliced<ScoredSnapshot>> {
  const { modelIds, start, end, limit, points } = filter;
  const isWhole = points === undefined && !(await exceeds(db, filter));
  const { first, last } = await db
    .selectFrom('snapshots')
    .select(({ fn }) => [fn.min('cycle_end').as('first'), fn.max('cycle_end').as('last')])
    .where('cycle_end', '>=', start)
    .where('cycle_end', '<=', end)
    .executeTakeFirstOrThrow();
  // Within existing snapshots: an open end would make stretches of years.
  const span = { start: first ?? start, end: last ?? end };
  const stretches = stretchesOf(span, isWhole ? WHOLE_STRETCHES : pointsOfEach(modelIds.length, limit, points));
  const { seconds } = stretches;
  return {
    stretches,
    stretch_seconds: isWhole || modelIds.length === 0 ? null : seconds,
    start,
    end,
    identity: JSON.stringify([isWhole, seconds, modelIds]),
    timeOf: ({ cycle_end }) => cycle_end,
    read: (slots) => readScores(db, filter, { slots, seconds, isWhole }),
  };
}

interface Slots {
  readonly slots: readonly number[];
  readonly seconds: number;
  /** all rows of each, not only the newest of each model */
  readonly isWhole: boolean;
}

async function readScores(db: Kysely<Database>, filter: ScoreSeriesFilter, slots: Slots): Promise<ScoredSnapshot[]> {
  if (filter.modelIds.length === 0 || slots.slots.length === 0) return [];
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
    with chosen as materialized (${chosenIn(db, filter, slots)}),
    board as materialized (
      select cycle.cycle_end, (${board}) as ranked_at from (select distinct cycle_end from chosen) as cycle
    )
    select chosen.*, entry.score_metrics, entry.score_ranking
    from chosen join board using (cycle_end)
    left join lateral (${entry}) as entry on true
    order by chosen.cycle_end desc, chosen.model_id desc
    limit ${filter.limit}`.execute(db);
  return rows.reverse();
}

/** How many rows each of some series may have, so that all of them fit; at least one. */
export const pointsOfEach = (series: number, limit: number, points = Number.POSITIVE_INFINITY): number =>
  Math.max(1, Math.min(points, Math.floor(limit / Math.max(1, series))));

/** A multiple of the length of a stretch since the epoch. */
export const boundOf = (slots: string, seconds: number) =>
  sql<string>`timestamptz 'epoch' + (${sql.raw(slots)}) * ${seconds}::bigint * interval '1 second'`;

/** Counts no further than it has to. In order, so that it is by the primary key: the planner would read all there is. */
async function exceeds(db: Kysely<Database>, { modelIds, start, end, limit }: ScoreSeriesFilter): Promise<boolean> {
  const own = db
    .selectFrom('snapshots')
    .select('cycle_end')
    .where('model_id', '=', sql<string>`asked.model_id`)
    .where('cycle_end', '>=', start)
    .where('cycle_end', '<=', end)
    .orderBy('cycle_end', 'desc')
    .limit(limit + 1);
  return isMoreThan(db, limit, sql`unnest(${modelIds}::text[]) as asked(model_id) cross join lateral (${own}) as own`);
}

/** Whether there are more rows than that; no others are counted. */
export async function isMoreThan(db: Kysely<Database>, limit: number, from: RawBuilder<unknown>): Promise<boolean> {
  const { rows } = await sql<{ found: number }>`
    select count(*)::integer as found from (select from ${from} limit ${limit + 1}) as counted`.execute(db);
  return (rows[0]?.found ?? 0) > limit;
}

/** Of each model and stretch the newest by one probe of the primary key, however many snapshots lie in it. */
function chosenIn(db: Kysely<Database>, { modelIds, end }: ScoreSeriesFilter, { slots, seconds, isWhole }: Slots) {
  const inSlot = db
    .selectFrom('snapshots')
    .select([
      'model_id',
      'cycle_end',
      'period_start',
      'period_end',
      'prediction_count',
      'failed_count',
      'result_summary',
    ])
    .where('cycle_end', '>', boundOf('slot', seconds))
    .where('cycle_end', '<=', boundOf('slot + 1', seconds))
    .where('cycle_end', '<=', end);
  const every = inSlot.where('model_id', '=', sql<string>`any(${modelIds}::text[])`);
  const newest = inSlot.where('model_id', '=', sql<string>`asked.model_id`).orderBy('cycle_end', 'desc').limit(1);
  return isWhole
    ? sql`select found.* from unnest(${slots}::bigint[]) as slot cross join lateral (${every}) as found`
    : sql`select found.* from unnest(${modelIds}::text[]) as asked(model_id)
        cross join unnest(${slots}::bigint[]) as slot cross join lateral (${newest}) as found`;
}
