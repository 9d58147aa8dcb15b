/**
 * What existing clients rely on, written by hand from their documentation: parameters with default and bounds, and the
 * fields of a response. We may have more; never less, and no other default.
 */
export interface Contract {
  readonly path: string;
  /** of what changes something: its method instead, the status of success, and what a client sends */
  readonly change?: { readonly method: 'post' | 'patch'; readonly status: number; readonly sends: readonly string[] };
  readonly query?: Readonly<
    Record<string, 'text' | 'flag' | 'time' | 'list' | readonly [number, number | null, number | null]>
  >;
  /** the response is a list of these */
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
const job = [
  ...['id', ...feed, 'start_ts', 'end_ts', 'cursor_ts', 'records_written', 'pages_fetched', 'status', 'error'],
  ...['created_at', 'updated_at'],
];
const dispersion = ['model_correlation', 'ensemble_correlation', 'contribution', 'fnc', 'ic'];

export const contracts: readonly Contract[] = [
  { path: '/healthz', object: ['status', 'version'] },
  { path: '/info', object: ['crunch_id', 'crunch_address', 'network'] },
  { path: '/reports/schema', object: ['schema_version', 'leaderboard_columns', 'metrics_widgets'] },
  { path: '/reports/schema/leaderboard-columns', rows: column },
  { path: '/reports/schema/metrics-widgets', rows: widget },
  {
    path: '/reports/models',
    rows: ['model_id', 'model_name', 'cruncher_name', 'cruncher_id', 'deployment_id', 'status'],
  },
  {
    path: '/reports/leaderboard',
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
    path: '/reports/models/{model_id}/diversity',
    object: ['model_id', 'rank', 'diversity_score', 'metrics', 'guidance', 'snapshot_period_end'],
  },
  { path: '/reports/models/global', query: { ...range, include_ensembles: 'flag' }, rows: scored },
  {
    path: '/reports/models/params',
    query: { ...range, include_ensembles: 'flag' },
    rows: [...scored, 'scope_key', 'scope', 'param', 'subject', 'asset', 'horizon', 'step'],
  },
  {
    path: '/reports/models/metrics',
    query: { ...range, include_ensembles: 'flag' },
    rows: ['model_id', 'performed_at', 'prediction_count'],
  },
  { path: '/reports/models/summary', query: { ...range, include_ensembles: 'flag' }, rows: ['model_id'] },
  {
    path: '/reports/predictions',
    query: { ...range, status: 'text', offset: [0, 0, 1_000_000_000] },
    rows: [
      ...['id', 'model_id', 'prediction_config_id', 'scope_key', 'scope', 'status', 'score_value', 'score_failed'],
      ...['score_failed_reason', 'scored_at', 'performed_at', 'resolvable_at', 'exec_time_ms'],
      ...['param', 'subject', 'asset', 'horizon', 'step'],
    ],
  },
  {
    path: '/reports/feeds',
    rows: [...feed, 'record_count', 'oldest_ts', 'newest_ts', 'watermark_ts', 'watermark_updated_at'],
  },
  {
    path: '/reports/feeds/tail',
    query: { source: 'text', subject: 'text', kind: 'text', granularity: 'text', limit: [20, 1, 200] },
    rows: [...feed, 'ts_event', 'ts_ingested', 'values', 'meta'],
  },
  {
    path: '/reports/snapshots',
    query: { model_id: 'text', since: 'time', until: 'time', limit: [100, 1, 1_000], before: 'text', after: 'text' },
    rows: ['id', 'model_id', 'period_start', 'period_end', 'prediction_count', 'result_summary', 'created_at'],
  },
  {
    path: '/reports/diversity',
    query: { limit: [50, 1, 200] },
    rows: ['model_id', 'period_end', 'diversity_score', ...dispersion],
  },
  {
    path: '/reports/ensemble/history',
    query: { ensemble_name: 'text', since: 'time', until: 'time', limit: [100, 1, 500] },
    rows: ['ensemble_name', 'model_id', 'period_start', 'period_end', 'prediction_count'],
  },
  {
    path: '/reports/checkpoints',
    query: { status: 'text', limit: [20, 1, 100] },
    rows: [...checkpoint, 'merkle_root'],
  },
  { path: '/reports/checkpoints/latest', object: [...checkpoint, 'merkle_root'] },
  { path: '/reports/checkpoints/{id}/payload', object: ['checkpoint_id', 'period_start', 'period_end', 'entries'] },
  { path: '/reports/checkpoints/{id}/emission', object: emission },
  {
    path: '/reports/checkpoints/{id}/emission/cli-format',
    object: ['crunch', 'crunchEmission', 'computeProvider', 'dataProvider'],
  },
  { path: '/reports/checkpoints/{id}/prizes', query: total, rows: ['prizeId', 'timestamp', 'model', 'prize'] },
  {
    path: '/reports/checkpoints/latest/prizes',
    query: total,
    object: ['checkpoint_id', 'status', 'period_start', 'period_end', 'total_prize', 'prizes'],
  },
  { path: '/reports/emissions/latest', object: ['checkpoint_id', 'status', 'period_start', 'period_end', 'emission'] },
  {
    path: '/reports/checkpoints/rewards',
    query: { model_id: 'text', limit: [20, 1, 100] },
    rows: [
      ...['checkpoint_id', 'period_start', 'period_end', 'model_id', 'model_name', 'rank', 'reward_pct'],
      'prediction_count',
    ],
  },
  { path: '/reports/merkle/cycles', query: { since: 'time', until: 'time', limit: [50, 1, 500] }, rows: cycle },
  { path: '/reports/merkle/cycles/{cycle_id}', object: cycle },
  {
    path: '/reports/merkle/proof',
    query: { snapshot_id: 'text' },
    object: [
      ...['snapshot_id', 'snapshot_content_hash', 'cycle_id', 'cycle_root', 'checkpoint_id', 'merkle_root', 'path'],
    ],
  },
  { path: '/signals/ensemble', rows: ['name', 'model_id', 'period_end', 'prediction_count', 'metrics'] },
  {
    path: '/signals/ensemble/{name}',
    object: ['ensemble', 'model_id', 'signal', 'performed_at', 'scope', 'scope_key', 'weights', 'input_id'],
  },
  {
    path: '/signals/ensemble/{name}/history',
    query: { since: 'time', limit: [50, 1, 500] },
    rows: ['signal', 'performed_at', 'scope_key', 'weights', 'input_id'],
  },
  { path: '/tournament/rounds/{round_id}/status', object: ['round_id', 'status', 'total', 'by_status'] },
  {
    path: '/reports/checkpoints/{id}/confirm',
    change: { method: 'post', status: 200, sends: ['tx_hash'] },
    object: [...checkpoint, 'merkle_root'],
  },
  {
    path: '/reports/checkpoints/{id}/status',
    change: { method: 'patch', status: 200, sends: ['status'] },
    object: [...checkpoint, 'merkle_root'],
  },
  {
    path: '/tournament/rounds/{round_id}/inference',
    change: { method: 'post', status: 200, sends: ['features'] },
    object: ['round_id', 'model_count', 'prediction_count', 'status'],
  },
  {
    path: '/tournament/rounds/{round_id}/score',
    change: { method: 'post', status: 200, sends: ['ground_truth'] },
    object: ['round_id', 'scores_count', 'results'],
  },
  {
    path: '/reports/backfill',
    change: { method: 'post', status: 201, sends: [...feed, 'start', 'end'] },
    object: job,
  },
  {
    path: '/reports/backfill/feeds',
    rows: [...feed, 'record_count', 'oldest_ts', 'newest_ts', 'watermark_ts', 'watermark_updated_at'],
  },
  { path: '/reports/backfill/jobs', query: { status: 'text' }, rows: job },
  { path: '/reports/backfill/jobs/{job_id}', object: [...job, 'progress_pct'] },
  { path: '/data/backfill/index', rows: ['path', 'records', 'size_bytes', 'date', 'sha256'] },
  {
    path: '/timing-metrics',
    query: { limit: [1_000, null, 10_000] },
    object: ['enabled', 'buffer_size', 'total_records', 'stage_latencies', 'recent_samples'],
  },
];
