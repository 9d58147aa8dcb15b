import type { Answers, Source } from '../answers.ts';
import { tools } from '../versions.ts';
import { importOf, type ProjectContext, text } from '../written.ts';

const FEED_OPTIONS: Readonly<Record<Source, readonly string[]>> = {
  binance: [],
  pyth: ['# FEED_OPT_api_key='],
  rest: [
    'FEED_OPT_url=https://example.com/v1/prices?symbol={subject}&from={start_ms}&to={end_ms}&limit={limit}',
    'FEED_OPT_rows=data',
    'FEED_OPT_time_field=ts',
    '# FEED_OPT_header_x_api_key=',
  ],
  websocket: [
    'FEED_OPT_url=wss://example.com/stream',
    'FEED_OPT_subscribe={"op":"subscribe","channel":"prices.{subject}"}',
    'FEED_OPT_rows=data',
    'FEED_OPT_subject_field=symbol',
    'FEED_OPT_time_field=ts',
  ],
  postgres: [
    'FEED_OPT_postgres_uri=postgres://reader:password@example.com/market',
    'FEED_OPT_table=public.prices',
    'FEED_OPT_subject_column=symbol',
    'FEED_OPT_time_column=at',
  ],
  mongodb: [
    'FEED_OPT_mongodb_uri=mongodb://reader:password@example.com/',
    'FEED_OPT_database=market',
    'FEED_OPT_collection=prices',
    'FEED_OPT_subject_field=symbol',
    'FEED_OPT_timestamp_field=ts',
  ],
  files: ['FEED_OPT_data=./data/market'],
  custom: ['# FEED_OPT_height=20'],
  synthetic: ['FEED_OPT_days=2'],
};

export const nodeFiles = (answers: Answers, { version, specifiers, secret }: ProjectContext): [string, string][] => [
  [
    'node/package.json',
    `${JSON.stringify(
      {
        name: `${answers.name}-node`,
        version: '0.1.0',
        private: true,
        type: 'module',
        dependencies: {
          '@crunch-node/config': specifiers?.['@crunch-node/config'] ?? version,
          '@sinclair/typebox': tools['@sinclair/typebox'],
          'crunch-node': specifiers?.['crunch-node'] ?? version,
        },
      },
      null,
      2,
    )}\n`,
  ],
  ['node/.env', environmentFile(answers, secret)],
  ['node/.env.example', environmentFile(answers, () => '')],
  ['node/api/hello.ts', HELLO],
  ['node/api/_signals.ts', SIGNALS],
  ['node/test/config.test.ts', testFile(answers)],
  ...(answers.source === 'custom' ? ([['node/config/feed.ts', OWN_FEED]] as [string, string][]) : []),
];

/** Read by a shell and by compose: what is special to a shell is quoted. */
const quoted = (line: string): string => line.replace(/^(\w+)=(.*[^\w.:/@,-].*)$/, "$1='$2'");

const environmentFile = ({ name, source, pack }: Answers, secret: () => string): string =>
  [
    '# Read by make and by compose. Secrets stay here: the file is in .gitignore.',
    `CRUNCH_ID=${name}`,
    'CRUNCH_CONFIG_MODULE=./config/crunch.config.ts',
    '',
    '# Who may change something over the API.',
    `API_KEY=${secret()}`,
    '',
    '# Of the containers; on this machine (make deploy dev) private servers are started without them.',
    `POSTGRES_PASSWORD=${secret()}`,
    `NATS_SERVICES_PASSWORD=${secret()}`,
    `NATS_OBSERVER_PASSWORD=${secret()}`,
    `NATS_SIGNALS_PASSWORD=${secret()}`,
    `NATS_SYS_PASSWORD=${secret()}`,
    '',
    "# Where participants' models run; without it the example models are hosted.",
    '# MODEL_RUNNER_NODE_HOST=model-orchestrator',
    ...(pack === 'tournament' ? [] : ['', `# The ${source} feed.`, ...FEED_OPTIONS[source].map(quoted)]),
    '',
  ].join('\n');

const HELLO = text(`
  /** GET /custom/hello: a route of your own. Each file of this folder adds some; those that begin with _ are off. */
  ${importOf('type CustomRoutes, HttpFault', 'crunch-node/routes')}
  ${importOf('Type', '@sinclair/typebox')}

  const Models = Type.Object({ competition: Type.String(), models: Type.Array(Type.String()) });

  const routes: CustomRoutes = async (app, { db, config }) => {
    app.get('/hello', { schema: { response: { 200: Models } } }, async () => {
      const rows = await db.selectFrom('models').select('model_id').orderBy('model_id').execute();
      if (rows.length === 0) throw new HttpFault(404, 'no model has joined yet');
      return { competition: config.crunch_id, models: rows.map(({ model_id }) => model_id) };
    });
  };
  export default routes;
`);

const SIGNALS = text(`
  /**
   * GET /custom/signals/:name: the newest signal of an ensemble, for subscribers who pay for it. It is off: rename the file
   * to signals.ts to serve it, and decide in .env who may read (API_KEYS, API_ADMIN_PREFIXES).
   */
  ${importOf('type CustomRoutes, HttpFault', 'crunch-node/routes')}
  ${importOf('Type', '@sinclair/typebox')}

  const routes: CustomRoutes = async (app, { db }) => {
    app.get('/signals/:name', { schema: { params: Type.Object({ name: Type.String() }) } }, async ({ params }) => {
      const newest = await db
        .selectFrom('signals')
        .select(['scope_key', 'performed_at', 'value'])
        .where('name', '=', params.name)
        .orderBy('performed_at', 'desc')
        .limit(1)
        .executeTakeFirst();
      if (newest === undefined) throw new HttpFault(404, \`ensemble \${params.name} has published nothing yet\`);
      return newest;
    });
  };
  export default routes;
`);

const testFile = ({ name, pack, direction }: Answers): string =>
  text(`
  import assert from 'node:assert/strict';
  import { join } from 'node:path';
  import { describe, it } from 'node:test';
  ${importOf('loadConfig', '@crunch-node/config')}
  import config from '../config/crunch.config.ts';

  const folder = join(import.meta.dirname, '..');

  describe('the competition', () => {
    it('has a configuration without faults', async () => {
      const loaded = await loadConfig({ env: {}, cwd: folder });
      assert.equal(loaded.config.crunch_id, '${name}');
      assert.match(loaded.hash, /^[0-9a-f]{64}$/);
      for (const warning of loaded.warnings) console.log(\`warning: \${warning}\`);
    });

    it('ranks by what it shows', () => {
      const { aggregation } = config;
      assert.equal(aggregation.ranking_direction, '${direction}');
      assert.ok(aggregation.windows.every(({ hours }) => hours > 0));
    });

    ${
      pack === 'tournament'
        ? "it('has rounds on demand', () => assert.notEqual(config.tournament, null));"
        : "it('has a round for every subject', () =>\n      assert.ok(config.scheduled_predictions.length >= config.feed.subjects.length));"
    }

    it('has routes that are plugins', async () => {
      for (const file of ['hello', '_signals']) {
        const { default: routes } = await import(\`../api/\${file}.ts\`);
        assert.equal(typeof routes, 'function', file);
      }
    });
  });
`);

const OWN_FEED = text(`
  /**
   * The feed: a provider in one file. This one makes prices of a tide, so that everything runs at once; ask your source in
   * \`fetch\` (the past, oldest first) and \`listen\` (from now on) instead.
   */
  import { setTimeout as delay } from 'node:timers/promises';
  ${importOf('candleRecord, granularitySeconds, type ProviderFactory', 'crunch-node/feeds')}

  const SOURCE = 'own';

  const provider: ProviderFactory = ({ kind, granularity, options }) => {
    if (kind !== 'candle') throw new Error(\`expected the kind candle, received \${kind}\`);
    const height = Number(options.height ?? 20);
    const stepMs = granularitySeconds(granularity) * 1000;
    const price = (ms: number): number => 100 + height * Math.sin(ms / 600_000) + Math.sin(ms / 7_000);

    function candle(subject: string, openMs: number) {
      const [open, close] = [price(openMs), price(openMs + stepMs)];
      const values = { open, close, high: Math.max(open, close), low: Math.min(open, close), volume: 1 };
      return candleRecord({ source: SOURCE, subject, kind, granularity }, openMs, values);
    }

    return {
      pace: 'live',
      name: SOURCE,
      source: SOURCE,
      list: async () => [],
      history: () => null,
      fetch: async ({ subjects, startMs, endMs, limit }) =>
        subjects.map((subject) => {
          const records = [];
          let openMs = Math.ceil(startMs / stepMs) * stepMs;
          const lastMs = Math.min(endMs, Date.now() - stepMs);
          for (; openMs <= lastMs && records.length < limit; openMs += stepMs) records.push(candle(subject, openMs));
          return { subject, records, nextStartMs: openMs <= lastMs ? openMs : null };
        }),
      async listen({ subjects }, sink, signal) {
        let openMs = Math.floor(Date.now() / stepMs) * stepMs;
        while (!signal.aborted) {
          await delay(Math.max(0, openMs + stepMs - Date.now()), undefined, { signal }).catch(() => undefined);
          if (Date.now() < openMs + stepMs) continue;
          for (const subject of subjects) {
            const record = candle(subject, openMs);
            sink.record(record);
            sink.confirmed(subject, record.at);
          }
          openMs += stepMs;
        }
      },
    };
  };
  provider.options = ['height']; // FEED_OPT_height; any other name is refused
  export default provider;
`);
