import { addSeconds, type Instant, type JsonObject } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../database.ts';
import type { Thinnable } from '../sliced.ts';
import { sumTerms } from './cut-sums.ts';
import {
  type Cuts,
  cutsFor,
  dayOf,
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

/** Time of the first score behind a moment; null: there is none. */
async function firstBehind(db: Kysely<Database>, moment: Instant): Promise<Instant | null> {
  const { first } = await db
    .selectFrom('scored_rounds')
    .select(({ fn }) => fn.min('performed_at').as('first'))
    .where('performed_at', '>', moment)
    .executeTakeFirstOrThrow();
  return first;
}

interface Series {
  readonly model_id: string;
  readonly scope_key: string;
  readonly own: Segment[];
}

/** Of so many models the scores of a round are found by its key and the model, of more by its key alone. */
const FEW_MODELS = 20;

/**
 * Sums between cuts. Whole days and hours come from their sums. Of a day or an hour with cuts inside, the longest piece
 * is the rest of its sum, and the others are summed up: sums are exact. Hours in which something may have been scored
 * after `asOf` are read score by score.
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
  const { days, pieces, hours, rests, singles } = sumTerms(
    { cuts, marks },
    { unsure, next: await firstBehind(db, end) },
  );
  const times = (instants: readonly (Instant | null | undefined)[]) =>
    sql`${instants.map((instant) => instant ?? null)}::timestamptz[]`;
  const ofModels = sql<boolean>`model_id = any(${modelIds}::text[])`;
  const ofScopes = sql<boolean>`scope_key = any(${scopes}::text[])`;
  const ofDays = db
    .selectFrom('score_days')
    .select(['model_id', 'scope_key', 'scored', 'total', 'performed_at'])
    .where(ofModels)
    .where(ofScopes);
  const ofHours = db
    .selectFrom('score_hours')
    .select(['model_id', 'scope_key', 'scored', 'total', 'performed_at'])
    .where(ofModels)
    .where(ofScopes);
  const wholeDays = ofDays
    .select(['day as at', sql<null>`null::timestamptz`.as('less')])
    .where('day', '>=', dayOf(oldest))
    .where('day', '<=', end)
    .where('day', '<>', sql<string>`all(${times(days.map(({ day }) => day))})`);
  const restOfDay = ofDays.where('day', '=', sql<string>`cut.day`);
  const wholeHours = ofHours
    .select('hour as at')
    .where('hour', '>=', sql<string>`piece.since`)
    .where('hour', '<', sql<string>`piece.until`)
    .where('hour', '<=', end)
    .where('hour', '<>', sql<string>`all(${times(hours)})`);
  const restOfHour = ofHours.where('hour', '=', sql<string>`cut.hour`);
  let rounds = db
    .selectFrom('scored_rounds')
    .select(['round_id', 'scope_key', 'performed_at'])
    .where('performed_at', '>=', sql<string>`piece.since`)
    .where('performed_at', '<', sql<string>`piece.until`)
    .where('performed_at', '<=', end)
    .where(ofScopes);
  if (asOf !== undefined) rounds = rounds.where('scored_at', '<=', asOf);
  const ofRound = db
    .selectFrom('scores')
    .select(({ ref }) => ['model_id', sql<string>`${ref('value')}::text::numeric`.as('value')])
    .where('round_id', '=', sql<string>`round.round_id`)
    .where('success', '=', true)
    .where('value', 'is not', null);
  const isFew = modelIds.length <= FEW_MODELS;
  // `offset 0`: round by round by the primary key; the planner would read all scores there are.
  const { rows } = await sql<Omit<Segment, 'total'> & { model: number; scope: number; total: string }>`
    with single as (
      select piece.place, score.model_id, round.scope_key, count(*) as scored, sum(score.value) as total,
        max(round.performed_at) as performed_at
      from unnest(${times(singles.map(({ from }) => from))}, ${times(singles.map(({ to }) => to))})
        with ordinality as piece(since, until, place)
      cross join lateral (${rounds} offset 0) as round
      cross join lateral (${isFew ? ofRound.where(ofModels) : ofRound} offset 0) as score
      ${isFew ? sql`` : sql`where ${ofModels}`}
      group by 1, 2, 3
    ),
    term as (
      select model_id, scope_key, scored, total, performed_at, at, less from (${wholeDays}) as day
      union all
      select day.model_id, day.scope_key, day.scored, day.total, day.performed_at, cut.at, null
      from unnest(${times(days.map(({ day }) => day))}, ${times(days.map(({ at }) => at))}) as cut(day, at)
      cross join lateral (${restOfDay}) as day where cut.at is not null
      union all
      select hour.model_id, hour.scope_key, hour.scored, hour.total, hour.performed_at, hour.at, piece.less
      from unnest(${times(pieces.map(({ from }) => from))}, ${times(pieces.map(({ to }) => to))},
        ${times(pieces.map(({ less }) => less))}) as piece(since, until, less)
      cross join lateral (${wholeHours}) as hour
      union all
      select hour.model_id, hour.scope_key, hour.scored, hour.total, hour.performed_at, cut.at, cut.less
      from unnest(${times(rests.map(({ hour }) => hour))}, ${times(rests.map(({ at }) => at))},
        ${times(rests.map(({ less }) => less))}) as cut(hour, at, less)
      cross join lateral (${restOfHour}) as hour
      union all
      select model_id, scope_key, side.sign * scored, side.sign * total,
        case when side.sign > 0 then performed_at end, side.at, side.less
      from single join unnest(${times(singles.map(({ plus }) => plus?.at))}, ${times(singles.map(({ plus }) => plus?.less))},
        ${times(singles.map(({ minus }) => minus?.at))}, ${times(singles.map(({ minus }) => minus?.less))})
        with ordinality as piece(plus_at, plus_less, minus_at, minus_less, place) using (place)
      cross join lateral (values (1, plus_at, plus_less), (-1, minus_at, minus_less)) as side(sign, at, less)
      where side.at is not null
    ),
    placed as (
      select model_id, scope_key, width_bucket(at, ${times(cuts)}) as segment, scored, total, performed_at from term
      union all
      select model_id, scope_key, width_bucket(less, ${times(cuts)}), -scored, -total, null from term
      where less is not null
    )
    select model, scope, segment, sum(scored)::integer as scored, sum(total)::text as total,
      max(performed_at) as performed_at
    from placed
    join unnest(${modelIds}::text[]) with ordinality as asked(model_id, model) using (model_id)
    join unnest(${scopes}::text[]) with ordinality as wanted(scope_key, scope) using (scope_key)
    group by 1, 2, 3 having sum(scored) > 0`.execute(db);
  const series: Series[] = [];
  const known = new Map<number, Series>();
  for (const { model, scope, total, segment, scored, performed_at } of rows) {
    const place = model * scopes.length + scope;
    let of = known.get(place);
    if (of === undefined) {
      of = { model_id: modelIds[model - 1]!, scope_key: scopes[scope - 1]!, own: [] };
      known.set(place, of);
      series.push(of);
    }
    of.own.push({ segment, scored, performed_at, total: Number(total) });
  }
  return series;
}
