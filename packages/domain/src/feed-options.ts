/** Where rows are in a response, a message or a document. */
const FIELDS = ['rows', 'time_field', 'time_unit', 'subject_field', 'id_field', 'value_fields'];
/** Of one address of a web service; a provider that has one beside something else gives them a prefix. */
const PAGES = ['url', 'cursor_field', 'limit', ...FIELDS];
/** Of the requests to it. */
const REQUESTS = ['api_key', 'header_*', 'timeout_seconds', 'poll_seconds', 'settle_seconds', 'source'];

/**
 * The options that each built-in provider reads. A name that ends in `*` is every name that begins so. Not beside the
 * providers, since a configuration is checked, and installed by participants, without their drivers.
 */
export const feedOptionNames = {
  binance: [
    'market',
    'tick_source',
    'depth_limit',
    'poll_seconds',
    'timeout_seconds',
    'idle_seconds',
    'weight_limit',
    'rest_url',
    'ws_url',
    'futures_url',
  ],
  files: ['data', 'poll_seconds', 'settle_seconds', 'source', 'time_unit'],
  mongodb: [
    'mongodb_uri',
    'database',
    'collection',
    'subject_field',
    'timestamp_field',
    'inserted_at_field',
    'initial_lookback_seconds',
    'settle_seconds',
    'listen_mode',
    'timestamp_type',
    'time_unit',
    'poll_seconds',
    'subject_limit',
    'default_kind',
    'default_granularity',
  ],
  none: [],
  postgres: [
    'postgres_uri',
    'table',
    'subject_column',
    'time_column',
    'time_unit',
    'id_column',
    'value_columns',
    'notify_channel',
    'poll_seconds',
    'settle_seconds',
    'statement_timeout_seconds',
    'source',
  ],
  pyth: [
    'api_key',
    'transport',
    'poll_seconds',
    'feed_id_*',
    'timeout_seconds',
    'idle_seconds',
    'hermes_url',
    'benchmarks_url',
  ],
  replay: ['data', 'speed', 'start', 'end', 'days', 'source', 'time_unit'],
  rest: [...PAGES, ...REQUESTS],
  synthetic: ['seed', 'start', 'count', 'days', 'speed'],
  websocket: [
    'url',
    'subscribe',
    ...FIELDS,
    'when',
    'closed_field',
    'idle_seconds',
    'heartbeat',
    'heartbeat_seconds',
    ...PAGES.map((name) => `rest_${name}`),
    ...REQUESTS,
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export const isFeedOption = (name: string, declared: readonly string[]): boolean =>
  declared.some((one) =>
    one.endsWith('*') ? name.startsWith(one.slice(0, -1)) && name.length >= one.length : name === one,
  );
