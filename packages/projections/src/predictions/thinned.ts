import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';
import { boundOf, pointsOfEach, type Thinnable } from '../model-scores/score-series.ts';
import { stretchesOf } from '../time-stretches.ts';
import { type ListedPrediction, listed, newestPredictions, type PredictionFilter, withScope } from './queries.ts';

export interface ThinnedFilter extends Omit<PredictionFilter, 'offset'> {
  /** how many of each model and scope at most; default: as many as fit the limit */
  readonly points?: number | undefined;
}

/** Scopes that were not scored yet are found among so many of the newest rounds. */
const NEWEST_ROUNDS = 500;

/**
 * The predictions of a whole span of time with their scores, oldest first: all of them where they are no more than the
 * limit, else of each model and scope the newest of each fixed stretch of time.
 */
export async function thinnedPredictions(
  db: Kysely<Database>,
  filter: ThinnedFilter,
): Promise<Thinnable<ListedPrediction>> {
  const { start, end, limit, points } = filter;
  if (points === undefined && !(await exceeds(db, filter))) {
    return { rows: await newestPredictions(db, { ...filter, offset: 0 }), stretch_seconds: null };
  }
  const modelIds = [...new Set(filter.modelIds ?? (await predictingModelIds(db)))];
  const scopes = await scopesWithin(db, filter);
  if (modelIds.length === 0 || scopes.length === 0) return { rows: [], stretch_seconds: null };
  const { first: from, last: to } = await performedWithin(db, filter);
  const each = pointsOfEach(modelIds.length * scopes.length, limit, points);
  const { seconds, first, last } = stretchesOf({ start: from ?? start, end: to ?? end }, each);
  const newest = listed(db, filter)
    .where('prediction.model_id', '=', sql<string>`asked.model_id`)
    .where('round.scope_key', '=', sql<string>`wanted.scope_key`)
    .where('prediction.performed_at', '>', boundOf('slot', seconds))
    .where('prediction.performed_at', '<=', boundOf('slot + 1', seconds))
    .orderBy('prediction.performed_at', 'desc')
    .orderBy('prediction.round_id', 'desc')
    .limit(1);
  const { rows } = await sql<ListedPrediction>`
    select newest.* from unnest(${modelIds}::text[]) as asked(model_id)
    cross join unnest(${scopes}::text[]) as wanted(scope_key)
    cross join generate_series(${first}::integer, ${last}::integer) as slot
    cross join lateral (${newest}) as newest
    order by newest.performed_at desc, newest.scope_key desc, newest.model_id desc
    limit ${limit}`.execute(db);
  return { rows: rows.reverse().map(withScope), stretch_seconds: seconds };
}

/** Counts no further than it has to. */
async function exceeds(db: Kysely<Database>, { modelIds, start, end, limit }: ThinnedFilter): Promise<boolean> {
  if (modelIds?.length === 0) return false;
  let some = db
    .selectFrom('predictions')
    .select('performed_at')
    .where('performed_at', '>=', start)
    .where('performed_at', '<=', end);
  if (modelIds !== null) some = some.where('model_id', 'in', [...modelIds]);
  const { found } = await db
    .selectFrom(some.limit(limit + 1).as('some'))
    .select(({ fn }) => fn.countAll<number>().as('found'))
    .executeTakeFirstOrThrow();
  return found > limit;
}

type Bounds = Pick<ThinnedFilter, 'start' | 'end'>;

/** Within existing predictions: an open end would make stretches of years. */
const performedWithin = (db: Kysely<Database>, { start, end }: Bounds) =>
  db
    .selectFrom('rounds')
    .select(({ fn }) => [fn.min('performed_at').as('first'), fn.max('performed_at').as('last')])
    .where('performed_at', '>=', start)
    .where('performed_at', '<=', end)
    .executeTakeFirstOrThrow();

async function scopesWithin(db: Kysely<Database>, { start, end }: Bounds): Promise<string[]> {
  const newest = db
    .selectFrom('rounds')
    .select('scope_key')
    .where('performed_at', '>=', start)
    .where('performed_at', '<=', end)
    .orderBy('performed_at', 'desc')
    .limit(NEWEST_ROUNDS);
  const rows = await db
    .selectFrom('score_scopes')
    .select('scope_key')
    .where('performed_at', '>=', start)
    .union(db.selectFrom(newest.as('newest')).select('scope_key'))
    .execute();
  return rows.map(({ scope_key }) => scope_key);
}

/** One probe of an index per model, since there are thousands of predictions of each. */
async function predictingModelIds(db: Kysely<Database>): Promise<string[]> {
  const next = db.selectFrom('predictions').select('model_id').orderBy('model_id').limit(1);
  const { rows } = await sql<{ model_id: string }>`
    with recursive known(model_id) as (
      (${next})
      union all
      select (${next.where('model_id', '>', sql<string>`known.model_id`)}) from known where known.model_id is not null
    )
    select model_id from known where model_id is not null`.execute(db);
  return rows.map(({ model_id }) => model_id);
}
