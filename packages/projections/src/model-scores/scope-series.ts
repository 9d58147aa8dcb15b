import { addSeconds, type Instant, type JsonObject } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';
import {
  type Cuts,
  cutsFor,
  dayOf,
  daysCut,
  hourOf,
  hoursCut,
  nextHour,
  type RollingPoint,
  rollingPoints,
  type ScoreWindow,
  type Segment,
} from './rolling.ts';
import { pointsOfEach, type Thinnable } from './score-series.ts';

export interface ScopeSeriesFilter {
  readonly modelIds: readonly string[];
  /** bounds of `performed_at`, both inclusive; windows reach back beyond the first */
  readonly start: Instant;
  readonly end: Instant;
  /** scores published later do not count */
  readonly asOf?: Instant | undefined;
  readonly windows: readonly ScoreWindow[];
  /** points in all; the newest scopes come first when there are more series than that */
  readonly limit: number;
  /** of each series at most */
  readonly points?: number | undefined;
}

export interface ScopePoint extends RollingPoint {
  readonly model_id: string;
  readonly scope_key: string;
  /** as of its newest round */
  readonly scope: JsonObject;
}

const POINTS_PER_SERIES = 1_000;

/** Rolling means of each model in each scope, in order of time, model and scope. */
export async function scopeSeries(db: Kysely<Database>, filter: ScopeSeriesFilter): Promise<Thinnable<ScopePoint>> {
  const { modelIds, start, end, asOf, windows, limit } = filter;
  const { first, last } = await performedWithin(db, start, end);
  if (first === null || last === null || modelIds.length === 0) return { rows: [], stretch_seconds: null };
  const scopes = await newestScopes(db, start, Math.max(1, Math.floor(limit / modelIds.length)));
  const most = Math.min(filter.points ?? POINTS_PER_SERIES, POINTS_PER_SERIES);
  const points = pointsOfEach(scopes.length * modelIds.length, limit, most);
  const cuts = cutsFor({ start: first, last, end }, points, windows);
  const segments = await segmentsBetween(
    db,
    { modelIds, asOf, scopes: scopes.map(({ scope_key }) => scope_key) },
    cuts,
    {
      end,
      lagSeconds: Math.max(0, ...scopes.map(({ lag_seconds }) => lag_seconds)),
    },
  );
  const scopeOf = new Map(scopes.map(({ scope_key, scope }) => [scope_key, scope]));
  const rows = segments
    .flatMap(({ model_id, scope_key, own }) =>
      rollingPoints(own, cuts).map((point) => ({
        model_id,
        scope_key,
        scope: scopeOf.get(scope_key) ?? {},
        ...point,
      })),
    )
    .sort(byTime);
  // With more models than that, each has a point, and the newest are shown.
  return { rows: rows.slice(-limit), stretch_seconds: cuts.grain_seconds };
}

const byTime = (a: ScopePoint, b: ScopePoint): number =>
  compare(a.performed_at, b.performed_at) || compare(a.model_id, b.model_id) || compare(a.scope_key, b.scope_key);
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const performedWithin = (db: Kysely<Database>, start: Instant, end: Instant) =>
  db
    .selectFrom('scored_rounds')
    .select(({ fn }) => [fn.min('performed_at').as('first'), fn.max('performed_at').as('last')])
    .where('performed_at', '>=', start)
    .where('performed_at', '<=', end)
    .executeTakeFirstOrThrow();

const newestScopes = (db: Kysely<Database>, start: Instant, limit: number) =>
  db
    .selectFrom('score_scopes')
    .select(['scope_key', 'scope', 'lag_seconds'])
    .where('performed_at', '>=', start)
    .orderBy('performed_at', 'desc')
    .orderBy('scope_key')
    .limit(limit)
    .execute();

interface Series {
  readonly model_id: string;
  readonly scope_key: string;
  readonly own: Segment[];
}

/**
 * Sums between cuts. Whole days and hours come from their sums; hours with a cut inside, and those in which something
 * may have been scored after `asOf`, from the scores themselves.
 */
async function segmentsBetween(
  db: Kysely<Database>,
  { modelIds, scopes, asOf }: { modelIds: readonly string[]; scopes: readonly string[]; asOf: Instant | undefined },
  { cuts }: Cuts,
  { end, lagSeconds }: { end: Instant; lagSeconds: number },
): Promise<Series[]> {
  const oldest = cuts[0]!;
  const openedHours = new Set(hoursCut(cuts));
  if (asOf !== undefined) {
    const unsure = hourOf(addSeconds(asOf, -lagSeconds));
    const from = unsure < oldest ? hourOf(oldest) : unsure;
    for (let hour = from; hour <= end; hour = nextHour(hour)) openedHours.add(hour);
  }
  const hours = [...openedHours].sort();
  const days = [...new Set([...daysCut(cuts), ...hours.map(dayOf)])].sort();
  const wholeDays = db
    .selectFrom('score_days')
    .select(['model_id', 'scope_key', 'day as at', 'scored', 'total', 'performed_at'])
    .where('model_id', '=', sql<string>`any(${modelIds}::text[])`)
    .where('scope_key', '=', sql<string>`any(${scopes}::text[])`)
    .where('day', '>=', oldest)
    .where('day', '<=', end)
    .where('day', '<>', sql<string>`all(${days}::timestamptz[])`);
  const wholeHours = db
    .selectFrom('score_hours')
    .select(['model_id', 'scope_key', 'hour as at', 'scored', 'total', 'performed_at'])
    .where('model_id', '=', sql<string>`any(${modelIds}::text[])`)
    .where('scope_key', '=', sql<string>`any(${scopes}::text[])`)
    .where('hour', '>=', sql<string>`greatest(opened.day, ${oldest}::timestamptz)`)
    .where('hour', '<', sql<string>`opened.day + interval '24 hours'`)
    .where('hour', '<=', end)
    .where('hour', '<>', sql<string>`all(${hours}::timestamptz[])`);
  let single = db
    .selectFrom('scored_rounds as round')
    .innerJoin('scores as score', 'score.round_id', 'round.round_id')
    .select(({ ref }) => [
      'score.model_id',
      'round.scope_key',
      'round.performed_at as at',
      sql<number>`1`.as('scored'),
      sql<string>`${ref('score.value')}::text::numeric`.as('total'),
      'round.performed_at',
    ])
    .where('round.performed_at', '>=', sql<string>`opened.hour`)
    .where('round.performed_at', '<', sql<string>`opened.hour + interval '1 hour'`)
    .where('round.performed_at', '<=', end)
    .where('round.scope_key', '=', sql<string>`any(${scopes}::text[])`)
    .where('score.model_id', '=', sql<string>`any(${modelIds}::text[])`)
    .where('score.success', '=', true)
    .where('score.value', 'is not', null);
  if (asOf !== undefined) single = single.where('round.scored_at', '<=', asOf);
  const { rows } = await sql<Omit<Segment, 'total'> & { model_id: string; scope_key: string; total: string }>`
    with said as (
      ${wholeDays} union all
      select part.* from unnest(${days}::timestamptz[]) as opened(day) cross join lateral (${wholeHours}) as part
      union all
      select single.* from unnest(${hours}::timestamptz[]) as opened(hour) cross join lateral (${single}) as single
    )
    select model_id, scope_key, width_bucket(at, ${cuts}::timestamptz[]) as segment,
      sum(scored)::integer as scored, sum(total)::text as total, max(performed_at) as performed_at
    from said group by 1, 2, 3`.execute(db);
  const series = new Map<string, Series>();
  for (const { model_id, scope_key, total, ...segment } of rows) {
    const key = JSON.stringify([model_id, scope_key]);
    const known = series.get(key) ?? { model_id, scope_key, own: [] };
    known.own.push({ ...segment, total: Number(total) });
    series.set(key, known);
  }
  return [...series.values()];
}
