import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';
import { boundOf, isMoreThan, pointsOfEach } from '../model-scores/score-series.ts';
import { type Sliced, WHOLE_STRETCHES } from '../sliced.ts';
import { stretchesOf } from '../time-stretches.ts';
import { type ListedPrediction, listed, type PredictionFilter, withScope } from './queries.ts';

export interface ThinnedFilter extends Omit<PredictionFilter, 'offset'> {
  /** how many of each model and scope at most; default: as many as fit the limit */
  readonly points?: number | undefined;
}

/** Scopes that were not scored yet are found among so many of the newest rounds. */
const NEWEST_ROUNDS = 500;

/**
 * The predictions of a whole span of time with their scores, oldest first: all of them where they are no more than the
 * limit, else of each model and scope the newest of each fixed stretch of time. To be read a few stretches at a time.
 */
export async function slicedPredictions(
  db: Kysely<Database>,
  filter: ThinnedFilter,
): Promise<Sliced<ListedPrediction>> {
  const { start, end, limit, points } = filter;
  const isWhole = points === undefined && !(await exceeds(db, filter));
  const modelIds = isWhole ? filter.modelIds : [...new Set(filter.modelIds ?? (await predictingModelIds(db)))];
  const scopes = isWhole ? [] : await scopesWithin(db, filter);
  const { first, last } = await performedWithin(db, filter);
  const each = pointsOfEach((modelIds?.length ?? 0) * scopes.length, limit, points);
  const stretches = stretchesOf({ start: first ?? start, end: last ?? end }, isWhole ? WHOLE_STRETCHES : each);
  const { seconds } = stretches;
  const isNothing = modelIds?.length === 0 || (!isWhole && scopes.length === 0);
  const series = { modelIds, scopes, seconds, isWhole };
  return {
    stretches,
    stretch_seconds: isWhole || isNothing ? null : seconds,
    start,
    end,
    identity: JSON.stringify([series, filter.status]),
    timeOf: ({ performed_at }) => performed_at,
    read: (slots) => (isNothing || slots.length === 0 ? Promise.resolve([]) : readSlots(db, filter, slots, series)),
  };
}

interface SeriesRead {
  /** null: of all models */
  readonly modelIds: readonly string[] | null;
  readonly scopes: readonly string[];
  readonly seconds: number;
  /** all rows of a stretch, not only the newest of each series */
  readonly isWhole: boolean;
}

async function readSlots(
  db: Kysely<Database>,
  { end, status, limit }: ThinnedFilter,
  slots: readonly number[],
  { modelIds, scopes, seconds, isWhole }: SeriesRead,
): Promise<ListedPrediction[]> {
  const inSlot = listed(db, { end, status })
    .where('prediction.performed_at', '>', boundOf('slot', seconds))
    .where('prediction.performed_at', '<=', boundOf('slot + 1', seconds));
  const every =
    modelIds === null ? inSlot : inSlot.where('prediction.model_id', '=', sql<string>`any(${modelIds}::text[])`);
  const newest = inSlot
    .where('prediction.model_id', '=', sql<string>`asked.model_id`)
    .where('round.scope_key', '=', sql<string>`wanted.scope_key`)
    .orderBy('prediction.performed_at', 'desc')
    .orderBy('prediction.round_id', 'desc')
    .limit(1);
  const { rows } = isWhole
    ? await sql<ListedPrediction>`
        select found.* from unnest(${slots}::bigint[]) as slot cross join lateral (${every}) as found
        order by found.performed_at desc, found.round_id desc, found.model_id desc
        limit ${limit}`.execute(db)
    : await sql<ListedPrediction>`
        select found.* from unnest(${modelIds}::text[]) as asked(model_id)
        cross join unnest(${scopes}::text[]) as wanted(scope_key)
        cross join unnest(${slots}::bigint[]) as slot
        cross join lateral (${newest}) as found
        order by found.performed_at desc, found.scope_key desc, found.model_id desc
        limit ${limit}`.execute(db);
  return rows.reverse().map(withScope);
}

/** Counts no further than it has to. In order, so that it is by an index. */
async function exceeds(db: Kysely<Database>, { modelIds, start, end, limit }: ThinnedFilter): Promise<boolean> {
  const some = db
    .selectFrom('predictions')
    .select('performed_at')
    .where('performed_at', '>=', start)
    .where('performed_at', '<=', end)
    .orderBy('performed_at', 'desc')
    .limit(limit + 1);
  if (modelIds === null) return isMoreThan(db, limit, sql`(${some}) as own`);
  const own = some.where('model_id', '=', sql<string>`asked.model_id`);
  const ids = [...new Set(modelIds)];
  return isMoreThan(db, limit, sql`unnest(${ids}::text[]) as asked(model_id) cross join lateral (${own}) as own`);
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
