import { addSeconds, type Instant, type JsonObject } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';
import type { Thinnable } from '../sliced.ts';
import {
  type Cuts,
  cutHours,
  cutsFor,
  dayOf,
  daysCut,
  hourOf,
  nextHour,
  type RollingPoint,
  rollingPoints,
  type ScoreWindow,
  type Segment,
} from './rolling.ts';
import { pointsOfEach } from './score-series.ts';

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

/** Whether nothing behind a moment was scored in its hour. */
async function isNewestOfItsHour(db: Kysely<Database>, moment: Instant): Promise<boolean> {
  const later = await db
    .selectFrom('scored_rounds')
    .select('performed_at')
    .where('performed_at', '>', moment)
    .where('performed_at', '<', nextHour(hourOf(moment)))
    .limit(1)
    .executeTakeFirst();
  return later === undefined;
}

interface Series {
  readonly model_id: string;
  readonly scope_key: string;
  readonly own: Segment[];
}

/** Of so many models the scores of a round are found by its key and the model, of more by its key alone. */
const FEW_MODELS = 20;

/**
 * Sums between cuts. Whole days and hours come from their sums. An hour with a cut inside is read score by score on all
 * sides but the longest, which is the rest of the hour's sum: sums are exact. Hours in which something may have been
 * scored after `asOf` are read score by score.
 */
async function segmentsBetween(
  db: Kysely<Database>,
  { modelIds, scopes, asOf }: { modelIds: readonly string[]; scopes: readonly string[]; asOf: Instant | undefined },
  { cuts, marks }: Cuts,
  { end, lagSeconds }: { end: Instant; lagSeconds: number },
): Promise<Series[]> {
  const oldest = cuts[0]!;
  const unsure = new Set<Instant>();
  if (asOf !== undefined) {
    const since = hourOf(addSeconds(asOf, -lagSeconds));
    const from = since < oldest ? hourOf(oldest) : since;
    for (let hour = from; hour <= end; hour = nextHour(hour)) unsure.add(hour);
  }
  const inert = new Set((await isNewestOfItsHour(db, end)) ? [marks.at(-1)!.until] : []);
  const hours = cutHours({ cuts, marks }, unsure, inert);
  const days = [...new Set([...daysCut(cuts), ...hours.map(({ hour }) => dayOf(hour))])].sort();
  const pieces = hours.flatMap(({ opened, rest }) => opened.map((piece) => ({ ...piece, rest })));
  const wholeDays = db
    .selectFrom('score_days')
    .select(['model_id', 'scope_key', 'day as at', 'scored', 'total', 'performed_at'])
    .where('model_id', '=', sql<string>`any(${modelIds}::text[])`)
    .where('scope_key', '=', sql<string>`any(${scopes}::text[])`)
    .where('day', '>=', oldest)
    .where('day', '<=', end)
    .where('day', '<>', sql<string>`all(${days}::timestamptz[])`);
  const ofHours = db
    .selectFrom('score_hours')
    .select(['model_id', 'scope_key', 'scored', 'total', 'performed_at'])
    .where('model_id', '=', sql<string>`any(${modelIds}::text[])`)
    .where('scope_key', '=', sql<string>`any(${scopes}::text[])`);
  const wholeHours = ofHours
    .select('hour as at')
    .where('hour', '>=', sql<string>`greatest(opened.day, ${oldest}::timestamptz)`)
    .where('hour', '<', sql<string>`opened.day + interval '24 hours'`)
    .where('hour', '<=', end)
    .where('hour', '<>', sql<string>`all(${hours.map(({ hour }) => hour)}::timestamptz[])`);
  const withRest = hours.filter(({ rest }) => rest !== null);
  const restOf = ofHours.where('hour', '=', sql<string>`cut.hour`);
  let rounds = db
    .selectFrom('scored_rounds')
    .select(['round_id', 'scope_key', 'performed_at'])
    .where('performed_at', '>=', sql<string>`piece.since`)
    .where('performed_at', '<', sql<string>`piece.until`)
    .where('performed_at', '<=', end)
    .where('scope_key', '=', sql<string>`any(${scopes}::text[])`);
  if (asOf !== undefined) rounds = rounds.where('scored_at', '<=', asOf);
  const ofRound = db
    .selectFrom('scores')
    .select(({ ref }) => ['model_id', sql<string>`${ref('value')}::text::numeric`.as('value')])
    .where('round_id', '=', sql<string>`round.round_id`)
    .where('success', '=', true)
    .where('value', 'is not', null);
  const asked = sql<boolean>`model_id = any(${modelIds}::text[])`;
  const isFew = modelIds.length <= FEW_MODELS;
  // `offset 0`: round by round by the primary key; the planner would read all scores there are.
  const single = sql`
    select score.model_id, round.scope_key, piece.since, piece.rest, count(*) as scored, sum(score.value) as total,
      max(round.performed_at) as performed_at
    from unnest(${pieces.map(({ from }) => from)}::timestamptz[], ${pieces.map(({ to }) => to)}::timestamptz[],
      ${pieces.map(({ rest }) => rest)}::timestamptz[]) as piece(since, until, rest)
    cross join lateral (${rounds} offset 0) as round
    cross join lateral (${isFew ? ofRound.where(asked) : ofRound} offset 0) as score
    ${isFew ? sql`` : sql`where ${asked}`}
    group by 1, 2, 3, 4`;
  const { rows } = await sql<Omit<Segment, 'total'> & { model_id: string; scope_key: string; total: string }>`
    with single as (${single}),
    part as (
      ${wholeDays} union all
      select hours.model_id, hours.scope_key, hours.at, hours.scored, hours.total, hours.performed_at
      from unnest(${days}::timestamptz[]) as opened(day) cross join lateral (${wholeHours}) as hours
      union all
      select rest.model_id, rest.scope_key, cut.rest, rest.scored, rest.total, rest.performed_at
      from unnest(${withRest.map(({ hour }) => hour)}::timestamptz[],
        ${withRest.map(({ rest }) => rest)}::timestamptz[]) as cut(hour, rest) cross join lateral (${restOf}) as rest
      union all select model_id, scope_key, since, scored, total, performed_at from single
      union all select model_id, scope_key, rest, -scored, -total, null from single where rest is not null
    )
    select model_id, scope_key, width_bucket(at, ${cuts}::timestamptz[]) as segment,
      sum(scored)::integer as scored, sum(total)::text as total, max(performed_at) as performed_at
    from part group by 1, 2, 3 having sum(scored) > 0`.execute(db);
  const series = new Map<string, Series>();
  for (const { model_id, scope_key, total, ...segment } of rows) {
    const key = JSON.stringify([model_id, scope_key]);
    const known = series.get(key) ?? { model_id, scope_key, own: [] };
    known.own.push({ ...segment, total: Number(total) });
    series.set(key, known);
  }
  return [...series.values()];
}
