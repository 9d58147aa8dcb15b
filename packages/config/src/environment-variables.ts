import { type TSchema, Type } from '@sinclair/typebox';

interface Notes {
  /** old names, read in this order when the variable is not set */
  readonly fallbacks?: readonly string[];
  readonly secret?: boolean;
}

const text = (notes: Notes = {}) => Type.String({ ...notes, expected: 'a text' });
const lower = (notes: Notes = {}) => Type.String({ ...notes, lowerCase: true, expected: 'a name' });
const whole = (minimum: number, notes: Notes = {}, maximum = Number.MAX_SAFE_INTEGER) =>
  Type.Integer({
    minimum,
    maximum,
    ...notes,
    expected: maximum === 65_535 ? `a port from ${minimum} to ${maximum}` : `a whole number, at least ${minimum}`,
  });
const port = (notes: Notes = {}) => whole(0, notes, 65_535);
const seconds = (minimum: number, notes: Notes = {}) =>
  Type.Number({ minimum, ...notes, expected: `a number of seconds, at least ${minimum}` });
const flag = (notes: Notes = {}) => Type.Boolean({ ...notes, expected: 'true, false, yes, no, on, off, 1 or 0' });
const list = (notes: Notes = {}) => Type.Array(Type.String(), { ...notes, expected: 'a comma separated list' });

/**
 * Every environment variable the engine reads, with its type, bounds and old names. All are optional: what is not set
 * is decided by the configuration, and what is set overrides it.
 */
export const variables = {
  // where the log and the read model are
  NATS_URL: text({ secret: true }),
  // files: credentials (JWT and seed), and PEM of a private authority and of a client
  NATS_CREDS: text(),
  NATS_CA: text(),
  NATS_CERT: text(),
  NATS_KEY: text(),
  NATS_INBOX_PREFIX: text(),
  NATS_SERVER_BIN: text(),
  DATABASE_URL: text({ secret: true }),
  POSTGRES_HOST: text(),
  POSTGRES_PORT: port(),
  POSTGRES_USER: text(),
  POSTGRES_PASSWORD: text({ secret: true }),
  POSTGRES_DB: text(),
  CRUNCH_NAMESPACE: Type.String({
    pattern: '^[a-z][a-z0-9_]{0,30}$',
    expected: 'a lower-case word of at most 31 letters, digits and _',
  }),
  CRUNCH_STATE_DIR: text(),
  LEASE_SECONDS: seconds(0.1),
  STATE_SECONDS: seconds(0),
  NATS_REPLICAS: whole(1, {}, 5),

  // health and metrics of a process of services
  SERVICE_HOST: text(),
  SERVICE_PORT: port(),
  // where a test ends the process
  CRUNCH_CRASH_AT: text(),
  // read before anything is loaded: the sources instead of what was compiled of them
  CRUNCH_SOURCES: text(),
  LOG_LEVEL: Type.Union(
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'].map((level) => Type.Literal(level)),
  ),

  // the competition
  CRUNCH_ID: text(),
  CRUNCH_PUBKEY: text(),
  COMPUTE_PROVIDER_PUBKEY: text(),
  DATA_PROVIDER_PUBKEY: text(),
  NETWORK: text(),
  CRUNCH_CONFIG_MODULE: text(),
  SCORING_FUNCTION: text(),
  CHECKPOINT_INTERVAL_SECONDS: whole(1),
  CYCLE_SECONDS: whole(1),
  LATENESS_SECONDS: seconds(0),
  PARTITIONS: whole(1),

  // models
  MODEL_RUNNER_NODE_HOST: text(),
  MODEL_RUNNER_NODE_PORT: port(),
  MODEL_RUNNER_TIMEOUT_SECONDS: seconds(0.001),
  MODEL_BASE_CLASSNAME: text(),
  EXPECTED_MODELS: list(),
  GATEWAY_CERT_DIR: text(),
  SECURE_CERT_DIR: text(),

  // feeds
  FEED_PROVIDER: lower({ fallbacks: ['FEED_SOURCE'] }),
  FEED_PROVIDER_MODULE: text(),
  FEED_SUBJECTS: list({ fallbacks: ['FEED_ASSETS'] }),
  FEED_KIND: lower(),
  FEED_GRANULARITY: text(),
  FEED_NORMALIZER: Type.Union([Type.Literal('candle'), Type.Literal('candle_from_tick'), Type.Literal('tick')]),
  FEED_POLL_SECONDS: seconds(0.5),
  FEED_BACKFILL_MINUTES: whole(1),
  FEED_CANDLES_WINDOW: whole(1),
  FEED_RECORD_TTL_DAYS: whole(1, { fallbacks: ['MARKET_RECORD_TTL_DAYS'] }),

  // the API
  REPORT_API_HOST: text(),
  REPORT_API_PORT: port(),
  API_TLS_CERT: text(),
  API_TLS_KEY: text(),
  API_KEY: text({ secret: true }),
  API_KEYS: list({ secret: true }),
  API_KEY_IN_QUERY: flag(),
  API_READ_AUTH: flag(),
  API_PUBLIC_PREFIXES: list(),
  API_ADMIN_PREFIXES: list(),
  API_CORS_ORIGINS: list(),
  API_FRAME_ORIGINS: list(),
  API_RATE_LIMIT_PER_MINUTE: whole(0),
  API_TRUSTED_PROXIES: list(),
  API_MAX_EVENT_LOOP_DELAY_MS: whole(0),
  API_MIN_SEQ_WAIT_SECONDS: seconds(0),
  API_CACHE_MB: whole(0),
  API_LIVE_CONNECTIONS: whole(0),
  API_ROUTES_DIR: text(),
  API_ROUTES: list(),
  BACKFILL_DATA_DIR: text(),
  BACKFILL_CONCURRENCY: whole(1),
  BACKFILL_PAGE_SIZE: whole(1, {}, 100_000),
  BACKFILL_QUERY_ROW_LIMIT: whole(1),
} as const satisfies Record<string, TSchema>;

/** Provider options: `FEED_OPT_<NAME>`, the name in lower case. */
export const OPTION_PREFIX = 'FEED_OPT_';

const RETENTION = 'records older than FEED_RECORD_TTL_DAYS go whenever a cycle is closed';

/** Variables that have no effect any more: why, and what to do instead. */
export const withoutEffect: Readonly<Record<string, string>> = {
  SCORE_INTERVAL_SECONDS: 'scoring follows the cycle; set CYCLE_SECONDS',
  FEED_RETENTION_CHECK_SECONDS: RETENTION,
  MARKET_RETENTION_CHECK_SECONDS: RETENTION,
  PYTH_HERMES_URL: 'set FEED_OPT_hermes_url',
  PYTH_TIMEOUT_SECONDS: 'set FEED_OPT_timeout_seconds',
  SCHEDULED_PREDICTION_CONFIGS_PATH: 'write scheduled_predictions into the configuration',
  ALEMBIC_DIR: 'tables are rebuilt from the log',
};

/** Names of ours that other programs read: no reason to warn. */
export const readElsewhere: ReadonlySet<string> = new Set([
  'FEED_SOURCE',
  'FEED_ASSETS',
  'API_URL',
  'CRUNCH_SPEC_DIR',
  'CRUNCH_PYTHON',
]);
