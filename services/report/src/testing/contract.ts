/**
 * What existing clients rely on, written by hand from their documentation: parameters with default and bounds, and the
 * fields of an answer. We may have more; never less, and no other default.
 */
export interface Contract {
  readonly get: string;
  readonly query?: Readonly<
    Record<string, 'text' | 'flag' | 'time' | 'list' | readonly [number, number | null, number | null]>
  >;
  /** the answer is a list of these */
  readonly rows?: readonly string[];
  readonly object?: readonly string[];
}

const range = { projectIds: 'list', start: 'time', end: 'time' } as const;
const scored = ['model_id', 'score_metrics', 'score_ranking', 'performed_at'];
const checkpoint = [
  'id',
  'period_start',
  'period_end',
  'status',
  'entries',
  'meta',
  'created_at',
  'tx_hash',
  'submitted_at',
];
const emission = ['crunch', 'cruncher_rewards', 'compute_provider_rewards', 'data_provider_rewards'];
const cycle = [
  'id',
  'previous_cycle_id',
  'previous_cycle_root',
  'snapshots_root',
  'chained_root',
  'snapshot_count',
  'created_at',
];
const column = ['id', 'type', 'property', 'format', 'displayName', 'tooltip', 'nativeConfiguration', 'order'];
const widget = ['id', 'type', 'displayName', 'tooltip', 'order', 'endpointUrl', 'nativeConfiguration'];
const total = { total_prize: [0, 0, null] } as const;
const feed = ['source', 'subject', 'kind', 'granularity'];
const dispersion = ['model_correlation', 'ensemble_correlation', 'contribution', 'fnc', 'ic'];

export const contracts: readonly Contract[] = [
  { get: '/healthz', object: ['status', 'version'] },
  { get: '/info', object: ['crunch_id', 'crunch_address', 'network'] },
  { get: '/reports/schema', object: ['schema_version', 'leaderboard_columns', 'metrics_widgets'] },
  { get: '/reports/schema/leaderboard-columns', rows: column },
  { get: '/reports/schema/metrics-widgets', rows: widget },
  {
    get: '/reports/models',
    rows: ['model_id', 'model_name', 'cruncher_name', 'cruncher_id', 'deployment_id', 'status'],
  },
  {
    get: '/reports/leaderboard',
    query: { include_ensembles: 'flag' },
    rows: [
      'created_at',
      'model_id',
      'score_metrics',
      'score_ranking',
      'rank',
      'model_name',
      'cruncher_name',
      'username',
      'status',
    ],
  },
  {
    get: '/reports/models/{model_id}/diversity',
    object: ['model_id', 'rank', 'diversity_score', 'metrics', 'guidance', 'snapshot_period_end'],
  },
  { get: '/reports/models/global', query: { ...range, include_ensembles: 'flag' }, rows: scored },
  {
    get: '/reports/models/params',
    query: { ...range, include_ensembles: 'flag' },
    rows: [...scored, 'scope_key', 'scope', 'param', 'subject', 'asset', 'horizon', 'step'],
  },
  {
    get: '/reports/models/metrics',
    query: { ...range, include_ensembles: 'flag' },
    rows: ['model_id', 'performed_at', 'prediction_count'],
  },
  { get: '/reports/models/summary', query: { ...range, include_ensembles: 'flag' }, rows: ['model_id'] },
  {
    get: '/reports/predictions',
    query: { ...range, status: 'text', offset: [0, 0, 1_000_000_000] },
    rows: [
      ...['id', 'model_id', 'prediction_config_id', 'scope_key', 'scope', 'status', 'score_value', 'score_failed'],
      ...['score_failed_reason', 'scored_at', 'performed_at', 'resolvable_at', 'exec_time_ms'],
      ...['param', 'subject', 'asset', 'horizon', 'step'],
    ],
  },
  {
    get: '/reports/feeds',
    rows: [...feed, 'record_count', 'oldest_ts', 'newest_ts', 'watermark_ts', 'watermark_updated_at'],
  },
  {
    get: '/reports/feeds/tail',
    query: { source: 'text', subject: 'text', kind: 'text', granularity: 'text', limit: [20, 1, 200] },
    rows: [...feed, 'ts_event', 'ts_ingested', 'values', 'meta'],
  },
  {
    get: '/reports/snapshots',
    query: { model_id: 'text', since: 'time', until: 'time', limit: [100, 1, 1_000], before: 'text', after: 'text' },
    rows: ['id', 'model_id', 'period_start', 'period_end', 'prediction_count', 'result_summary', 'created_at'],
  },
  {
    get: '/reports/diversity',
    query: { limit: [50, 1, 200] },
    rows: ['model_id', 'period_end', 'diversity_score', ...dispersion],
  },
  {
    get: '/reports/ensemble/history',
    query: { ensemble_name: 'text', since: 'time', until: 'time', limit: [100, 1, 500] },
    rows: ['ensemble_name', 'model_id', 'period_start', 'period_end', 'prediction_count'],
  },
  { get: '/reports/checkpoints', query: { status: 'text', limit: [20, 1, 100] }, rows: [...checkpoint, 'merkle_root'] },
  { get: '/reports/checkpoints/latest', object: [...checkpoint, 'merkle_root'] },
  { get: '/reports/checkpoints/{id}/payload', object: ['checkpoint_id', 'period_start', 'period_end', 'entries'] },
  { get: '/reports/checkpoints/{id}/emission', object: emission },
  {
    get: '/reports/checkpoints/{id}/emission/cli-format',
    object: ['crunch', 'crunchEmission', 'computeProvider', 'dataProvider'],
  },
  { get: '/reports/checkpoints/{id}/prizes', query: total, rows: ['prizeId', 'timestamp', 'model', 'prize'] },
  {
    get: '/reports/checkpoints/latest/prizes',
    query: total,
    object: ['checkpoint_id', 'status', 'period_start', 'period_end', 'total_prize', 'prizes'],
  },
  { get: '/reports/emissions/latest', object: ['checkpoint_id', 'status', 'period_start', 'period_end', 'emission'] },
  {
    get: '/reports/checkpoints/rewards',
    query: { model_id: 'text', limit: [20, 1, 100] },
    rows: [
      ...['checkpoint_id', 'period_start', 'period_end', 'model_id', 'model_name', 'rank', 'reward_pct'],
      'prediction_count',
    ],
  },
  { get: '/reports/merkle/cycles', query: { since: 'time', until: 'time', limit: [50, 1, 500] }, rows: cycle },
  { get: '/reports/merkle/cycles/{cycle_id}', object: cycle },
  {
    get: '/reports/merkle/proof',
    query: { snapshot_id: 'text' },
    object: [
      ...['snapshot_id', 'snapshot_content_hash', 'cycle_id', 'cycle_root', 'checkpoint_id', 'merkle_root', 'path'],
    ],
  },
  { get: '/signals/ensemble', rows: ['name', 'model_id', 'period_end', 'prediction_count', 'metrics'] },
  {
    get: '/signals/ensemble/{name}',
    object: ['ensemble', 'model_id', 'signal', 'performed_at', 'scope', 'scope_key', 'weights', 'input_id'],
  },
  {
    get: '/signals/ensemble/{name}/history',
    query: { since: 'time', limit: [50, 1, 500] },
    rows: ['signal', 'performed_at', 'scope_key', 'weights', 'input_id'],
  },
  { get: '/tournament/rounds/{round_id}/status', object: ['round_id', 'status', 'total', 'by_status'] },
  {
    get: '/timing-metrics',
    query: { limit: [1_000, null, 10_000] },
    object: ['enabled', 'buffer_size', 'total_records', 'stage_latencies', 'recent_samples'],
  },
];
