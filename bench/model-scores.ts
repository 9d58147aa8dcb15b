/**
 * How long charts wait: the model score queries over a month of many models, on rows made in Postgres.
 *
 * `scripts/bench model-scores [models] [days] [minutes between cycles]`; the last line is JSON.
 */
import { privatePostgres } from '@crunch-node/embedded/testing';
import {
  createReadModel,
  latestLeaderboard,
  newestSnapshotOfEach,
  openReadModel,
  scopeSeries,
  slicedScores,
  snapshotModelIds,
} from '@crunch-node/projections';
import { addSeconds, type Instant } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';
import { machine } from './support/machine.ts';
import { percentile, rounded } from './support/statistics.ts';
import { tableOf } from './support/table.ts';

const [MODELS = 500, DAYS = 30, CYCLE_MINUTES = 5] = process.argv.slice(2).map(Number);
const SCOPES = 4;
const RUNS = 5;
const LIMIT = 10_000;
const end: Instant = '2024-01-31T12:34:56.000000Z';
const windows = [24, 72, 168].map((hours) => ({ name: `score_${hours}h`, hours }));

const postgres = await privatePostgres();
const { db, schema, close } = openReadModel({ url: postgres.url, schema: 'crunch' });
try {
  await createReadModel(db, schema);
  const beginning = performance.now();
  await generate(db);
  const filledSeconds = (performance.now() - beginning) / 1000;
  const modelIds = await snapshotModelIds(db);
  const one = modelIds.slice(0, 1);
  const month = { start: addSeconds(end, -DAYS * 86_400), end };
  const week = { start: addSeconds(end, -7 * 86_400), end };
  const past = addSeconds(end, -10 * 86_400);
  const scoresOf = async (filter: Parameters<typeof slicedScores>[1]) => {
    const { stretches, read } = await slicedScores(db, filter);
    return read(Array.from({ length: stretches.last - stretches.first + 1 }, (_, i) => stretches.first + i));
  };
  const asked: Readonly<Record<string, () => Promise<readonly unknown[]>>> = {
    leaderboard: () => latestLeaderboard(db, ['model']),
    'leaderboard as of ten days ago': () => latestLeaderboard(db, ['model'], past),
    'ids of all models': () => snapshotModelIds(db),
    'summary, all models': () => newestSnapshotOfEach(db, modelIds),
    'global, all models, a month': () => scoresOf({ modelIds, ...month, limit: LIMIT }),
    'global, one model, a month': () => scoresOf({ modelIds: one, ...month, limit: LIMIT }),
    'params, all models, a week': () =>
      scopeSeries(db, { modelIds, ...week, windows, limit: LIMIT }).then(({ rows }) => rows),
    'params, all models, a month': () =>
      scopeSeries(db, { modelIds, ...month, windows, limit: LIMIT }).then(({ rows }) => rows),
    'params, one model, a month': () =>
      scopeSeries(db, { modelIds: one, ...month, windows, limit: LIMIT }).then(({ rows }) => rows),
  };
  const table = tableOf(['query', 'rows', 'p50 ms', 'max ms']);
  const results: Record<string, { rows: number; p50_ms: number; max_ms: number }> = {};
  for (const [name, ask] of Object.entries(asked)) {
    const { length } = await ask();
    const times: number[] = [];
    for (let i = 0; i < RUNS; i++) {
      const from = performance.now();
      await ask();
      times.push(performance.now() - from);
    }
    const result = { rows: length, p50_ms: rounded(percentile(times, 50)), max_ms: rounded(Math.max(...times)) };
    results[name] = result;
    table.push([name, ...Object.values(result)]);
  }
  console.log(table.toString());
  const sizes = { models: MODELS, days: DAYS, cycle_minutes: CYCLE_MINUTES, scopes: SCOPES };
  console.log(
    JSON.stringify({
      bench: 'model-scores',
      ...sizes,
      filled_seconds: rounded(filledSeconds),
      results,
      machine: machine(),
    }),
  );
} finally {
  await close();
  await postgres.stop();
}

/** Snapshots and rankings of every cycle, hours of every scope; single scores of the hours in which windows begin. */
async function generate(into: Kysely<never> | typeof db): Promise<void> {
  const t = (name: string) => sql.id(schema, name);
  const run = (query: ReturnType<typeof sql>) => query.execute(into as typeof db);
  const model = sql`'model-' || lpad(m::text, 4, '0')`;
  const everyModel = sql`generate_series(1, ${MODELS}::integer) as m`;
  const cycles = sql`generate_series(${end}::timestamptz - ${DAYS}::integer * interval '1 day', ${end}::timestamptz,
    ${CYCLE_MINUTES}::integer * interval '1 minute') as c`;
  await run(sql`insert into ${t('snapshots')}
    select ${model}, c, 'SNAP_' || m || '_' || extract(epoch from c), c - interval '2 minutes', c - interval '1 minute',
      ${SCOPES}::integer, 0, json_build_object('value', random(), 'success', 1, 'ic', random(), 'hit_rate', random()),
      '{}', md5(m::text || c::text), c, 0
    from ${cycles}, ${everyModel}`);
  await run(sql`insert into ${t('leaderboards')} select c, 'LBR_' || extract(epoch from c), c, 0 from ${cycles}`);
  await run(sql`insert into ${t('leaderboard_entries')}
    select c, 'model', ${model}, m, json_build_object('score_24h', random(), 'score_72h', random(), 'score_168h',
      random(), 'value', random(), 'ic', random()), json_build_object('key', 'score_24h', 'value', 1, 'direction', 'desc')
    from ${cycles}, ${everyModel}`);
  await run(sql`insert into ${t('score_scopes')}
    select 'scope-' || s, '{}', ${end}, 60 from generate_series(1, ${SCOPES}::integer) as s`);
  await run(sql`insert into ${t('score_hours')} (model_id, scope_key, hour, scored, total, performed_at)
    select ${model}, 'scope-' || s, h, 60, random()::text::numeric, h + interval '59 minutes'
    from ${everyModel}, generate_series(1, ${SCOPES}::integer) as s,
      generate_series(date_trunc('hour', ${end}::timestamptz - ${DAYS + 7}::integer * interval '1 day', 'UTC'),
        ${end}::timestamptz, interval '1 hour') as h`);
  await run(sql`insert into ${t('score_days')} (model_id, scope_key, day, scored, total, performed_at)
    select model_id, scope_key, date_trunc('day', hour, 'UTC'), sum(scored), sum(total), max(performed_at)
    from ${t('score_hours')} group by 1, 2, 3`);
  const scoreHours = [0, 1, 3, 7, 14, DAYS, DAYS + 1, DAYS + 3, DAYS + 7];
  await run(sql`insert into ${t('scored_rounds')}
    select 'round-' || s || '-' || extract(epoch from p), '0', 'scope-' || s, p, p, 'INP', null, null, p + interval '1 minute', 0
    from generate_series(1, ${SCOPES}::integer) as s, unnest(${scoreHours}::integer[]) as d,
      generate_series(0, 59) as minute,
      lateral (select date_trunc('hour', ${end}::timestamptz - d * interval '1 day', 'UTC') + minute * interval '1 minute' as p) as at
    on conflict do nothing`);
  await run(sql`insert into ${t('scores')}
    select round_id, ${model}, 'SCR', 'PRE', 'scored', random(), '{}', true, null, scored_at, 0
    from ${t('scored_rounds')}, ${everyModel}`);
  await run(sql`analyze`);
}
