/** A read model as a competition leaves it after a month, made by Postgres itself. */
import type { ReadModel } from '@crunch-node/projections';
import { type Instant, instantOfMicros, microsOf } from '@crunch-node/streams';
import { type RawBuilder, sql } from 'kysely';

export interface MonthOfRows {
  readonly models: number;
  readonly days: number;
  /** minutes between cycles; a round of each scope and a snapshot of each model in each */
  readonly cycleMinutes: number;
  /** the last cycle */
  readonly end: Instant;
}

export const SCOPES = ['BTCUSDT-300', 'ETHUSDT-300'];
export const ENSEMBLE = '__ensemble_main__';
export const modelId = (place: number): string => `model-${String(place).padStart(4, '0')}`;

export async function fillMonth({ db, schema }: ReadModel, { models, days, cycleMinutes, end }: MonthOfRows) {
  const t = (name: string) => sql.id(schema, name);
  const run = (query: RawBuilder<unknown>) => query.execute(db);
  const newest = instantOfMicros(Math.floor(microsOf(end) / 6e7) * 6e7);
  const model = sql`'model-' || lpad(m::text, 4, '0')`;
  const everyModel = sql`generate_series(1, ${models}::integer) as m`;
  const cycles = sql`generate_series(${newest}::timestamptz - ${days}::integer * interval '1 day', ${newest}::timestamptz,
    ${cycleMinutes}::integer * interval '1 minute') as c`;
  const scopes = sql`unnest(${SCOPES}::text[]) as s`;
  const summary = sql`json_build_object('value', random(), 'success', 1, 'ic', random(), 'ic_sharpe', random(),
    'hit_rate', random(), 'max_drawdown', random(), 'model_correlation', random())`;
  const metrics = sql`json_build_object('score_recent', random(), 'score_steady', random(), 'score_anchor', random(),
    'value', random(), 'ic', random(), 'ic_sharpe', random(), 'hit_rate', random(), 'max_drawdown', random(),
    'model_correlation', random())`;
  const ranking = sql`json_build_object('key', 'score_recent', 'value', 1, 'direction', 'desc')`;
  const scope = sql`json_build_object('subject', split_part(s, '-', 1), 'resolve_horizon_seconds', 300, 'step_seconds', 60)`;
  await run(sql`insert into ${t('models')}
    select ${model}, 0, 'dep-' || m, 'Model number ' || m, 'cruncher-' || m, 'Cruncher ' || m from ${everyModel}`);
  await run(sql`insert into ${t('ensembles')} values (${ENSEMBLE}, 'main')`);
  const snapshot = (id: RawBuilder<unknown>, from: RawBuilder<unknown>) => sql`insert into ${t('snapshots')}
    select ${id}, c, 'SNAP_' || ${id} || '_' || extract(epoch from c), c - interval '2 minutes',
      c - interval '1 minute', 2, 0, ${summary}, '{}', md5(${id} || c::text), c, 0 from ${from}`;
  await run(snapshot(model, sql`${cycles}, ${everyModel}`));
  await run(snapshot(sql`${ENSEMBLE}::text`, cycles));
  await run(sql`insert into ${t('leaderboards')} select c, 'LBR_' || extract(epoch from c), c, 0 from ${cycles}`);
  await run(sql`insert into ${t('leaderboard_entries')}
    select c, 'model', ${model}, m, ${metrics}, ${ranking} from ${cycles}, ${everyModel}`);
  await run(sql`insert into ${t('rounds')} (round_id, partition, scope_key, performed_at, config_id, scope, resolvable_at,
      input_id, log_sequence)
    select 'round:0:' || s || ':' || extract(epoch from c), 0, s, c, 'CFG_' || s, ${scope}, c + interval '5 minutes',
      'INP', 0 from ${cycles}, ${scopes}`);
  await run(sql`insert into ${t('predictions')} (round_id, model_id, prediction_id, performed_at, status, runner_status,
      inference_output, exec_time_ms, log_sequence)
    select round_id, ${model}, 'PRE_' || m || round_id, performed_at, 'PENDING', 'SUCCESS', '{"value":0.5}', 2.5, 0
    from ${t('rounds')}, ${everyModel}`);
  await run(sql`insert into ${t('scored_rounds')}
    select round_id, '0', scope_key, performed_at, resolvable_at, 'INP', null, null, resolvable_at, 0 from ${t('rounds')}`);
  await run(sql`insert into ${t('scores')}
    select round_id, model_id, 'SCR', prediction_id, 'scored', random(), '{"value":0.5}', true, null,
      performed_at + interval '5 minutes', 0 from ${t('predictions')}`);
  await run(sql`insert into ${t('score_scopes')} select s, ${scope}, ${newest}, 300 from ${scopes}`);
  await run(sql`insert into ${t('score_hours')} (model_id, scope_key, hour, scored, total, performed_at)
    select score.model_id, round.scope_key, date_trunc('hour', round.performed_at, 'UTC'), count(*),
      sum(score.value::text::numeric), max(round.performed_at)
    from ${t('scores')} as score join ${t('scored_rounds')} as round using (round_id) group by 1, 2, 3`);
  await run(sql`insert into ${t('score_days')} (model_id, scope_key, day, scored, total, performed_at)
    select model_id, scope_key, date_trunc('day', hour, 'UTC'), sum(scored), sum(total), max(performed_at)
    from ${t('score_hours')} group by 1, 2, 3`);
  await run(sql`insert into ${t('checkpoints')}
    select 'CKP_' || d, c - interval '1 day', c, '{"crunch":"bench","cruncher_rewards":[],"compute_provider_rewards":[],"data_provider_rewards":[]}',
      1440, (select json_agg(json_build_object('model_id', ${model}, 'prediction_count', 2880, 'snapshot_count', 1440,
        'result_summary', json_build_object('value', random(), 'ic', random()), 'rank', m)) from ${everyModel}),
      null, c, 0
    from generate_series(0, ${days}::integer - 1) as d, lateral (select ${newest}::timestamptz - d * interval '1 day' as c) as at`);
  await run(sql`analyze`);
}
