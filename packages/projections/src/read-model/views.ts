import { CHECKPOINT_STATUS } from '../checkpoints/status.ts';
import { PREDICTION_STATUS } from '../predictions/status.ts';

/**
 * Where the views are: `views_crunch`, `views_crunch_acme`. A prefix, because with a suffix it would be the schema of
 * another namespace. Tables keep their own names and shapes in `crunch`; people who query by SQL set their search path
 * to the views, whose names and columns stay as they know them: `set search_path = views_crunch`.
 */
export const viewsSchemaOf = (schema: string): string => `views_${schema}`;

/** Name → select statement. Columns that existing queries use come first, ours after them. */
export function viewsOf(schema: string): Readonly<Record<string, string>> {
  const t = (table: string): string => `"${schema}"."${table}"`;
  const joinedStep = (step: string): string => `left join ${t('checkpoint_transitions')} as ${step}
        on ${step}.checkpoint_id = checkpoint.checkpoint_id and ${step}.status = '${step.toUpperCase()}'`;
  return {
    inputs: `
      select distinct on (input_id) input_id as id, input as raw_data, performed_at as received_at,
        feed, window_first, window_last, window_count
      from ${t('rounds')} where input_id is not null order by input_id, performed_at, round_id`,
    predictions: `
      select prediction.prediction_id as id, round.input_id, prediction.model_id,
        round.config_id as prediction_config_id, round.scope_key, round.scope, ${PREDICTION_STATUS} as status,
        prediction.exec_time_ms, prediction.inference_output, json_build_object('timing', round.timing) as meta,
        prediction.performed_at, coalesce(round.resolvable_at, prediction.performed_at) as resolvable_at,
        coalesce(prediction.reason, score.failed_reason) as failed_reason, prediction.runner_status,
        prediction.round_id
      from ${t('predictions')} as prediction
      join ${t('rounds')} as round using (round_id)
      left join ${t('scores')} as score using (round_id, model_id)`,
    scores: `
      select score_id as id, prediction_id, result, success, failed_reason, scored_at, outcome, value, model_id,
        round_id
      from ${t('scores')}`,
    snapshots: `
      select snapshot_id as id, model_id, period_start, period_end, prediction_count, result_summary,
        json_build_object('failed_count', failed_count, 'unavailable', unavailable) as meta, created_at,
        content_hash, cycle_end
      from ${t('snapshots')}`,
    leaderboards: `
      select board.leaderboard_id as id, board.created_at,
        (select coalesce(json_agg(json_build_object(
            'rank', entry.rank, 'model_id', entry.model_id, 'model_name', model.model_name,
            'cruncher_name', model.cruncher_name,
            'score', json_build_object('metrics', entry.score_metrics, 'ranking', entry.score_ranking)
          ) order by entry.kind desc, entry.rank), '[]'::json)
          from ${t('leaderboard_entries')} as entry left join ${t('models')} as model using (model_id)
          where entry.cycle_end = board.cycle_end) as entries,
        '{}'::json as meta, board.cycle_end
      from ${t('leaderboards')} as board`,
    checkpoints: `
      select checkpoint.checkpoint_id as id, checkpoint.period_start, checkpoint.period_end,
        ${CHECKPOINT_STATUS} as status, json_build_array(checkpoint.emission) as entries,
        json_build_object('snapshot_count',
            (select coalesce(sum((ranked ->> 'snapshot_count')::integer), 0)::integer
              from json_array_elements(checkpoint.ranking) as ranked),
          'model_count', json_array_length(checkpoint.ranking), 'ranking', checkpoint.ranking) as meta,
        checkpoint.created_at, submitted.tx_hash, submitted.at as submitted_at, checkpoint.merkle_root
      from ${t('checkpoints')} as checkpoint
      ${['submitted', 'claimable', 'paid'].map(joinedStep).join('\n')}`,
    models: `
      select model.model_id as id, model.model_name as name, model.deployment_id, model.cruncher_id,
        model.cruncher_name, model.model_id, model.model_name, model.partition, state.state, state.failure_code,
        state.failure_reason, state.changed_at,
        (select json_build_object('metrics', entry.score_metrics, 'ranking', entry.score_ranking)
          from ${t('leaderboard_entries')} as entry
          where entry.cycle_end = (select max(cycle_end) from ${t('leaderboards')})
            and entry.kind = 'model' and entry.model_id = model.model_id) as overall_score,
        (select json_agg(json_build_object('scope_key', scope_key, 'scored', scored, 'value', value) order by scope_key)
          from (select scope_key, sum(scored) as scored, round(sum(total) / sum(scored), 300)::double precision as value
            from ${t('score_days')} as day where day.model_id = model.model_id group by scope_key) as scope)
          as scores_by_scope
      from ${t('models')} as model left join ${t('model_states')} as state using (model_id)`,
    feed_records: `
      select record_id as id, source, subject, kind, granularity, ts_event, coalesce(ts_ingested, at) as ts_ingested,
        "values", coalesce(metadata, '{}'::json) as meta, at, late
      from ${t('feed_records')}`,
    feed_ingestion_state: `
      select concat_ws(':', source, subject, kind, granularity) as id, source, subject, kind, granularity,
        newest_ts as last_event_ts, updated_at, '{}'::json as meta, record_count, late_count, oldest_ts
      from ${t('feed_ingestion_state')}`,
    scheduled_prediction_configs: `
      select distinct on (config_id) config_id as id, scope_key, scope as scope_template,
        json_build_object('prediction_interval_seconds', prediction_interval_seconds,
          'resolve_horizon_seconds', resolve_horizon_seconds) as schedule,
        active and revision = (select max(revision) from ${t('config_activations')}) as active, "order", meta,
        revision as last_revision
      from ${t('scheduled_configs')} order by config_id, revision desc, position`,
  };
}
