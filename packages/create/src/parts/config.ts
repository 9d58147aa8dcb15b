import { type Answers, secondsOf } from '../answers.ts';
import { isBuiltInMetric } from '../metric.ts';
import { importOf } from '../written.ts';

const PACKS = {
  realtime: { imports: 'realtimePack', pack: () => 'realtimePack' },
  trading: { imports: 'tradingPackFor', pack: () => 'tradingPackFor(subjects, granularity)' },
  density: { imports: 'densityPackFor', pack: (answers: Answers) => forecastPack('densityPackFor', answers) },
  interval: { imports: 'intervalPackFor', pack: (answers: Answers) => forecastPack('intervalPackFor', answers) },
  quantile: { imports: 'quantilePackFor', pack: () => 'quantilePackFor(subjects, granularity)' },
  bird: {
    imports: 'birdPackFor',
    pack: ({ horizon }: Answers) => `birdPackFor(subjects[0] ?? '', granularity, ${horizon})`,
  },
  tournament: { imports: 'tournamentPack', pack: () => 'tournamentPack' },
  custom: { imports: 'scoringStub', pack: () => null },
} as const;

function forecastPack(name: string, { granularity, horizon, interval }: Answers): string {
  const record = secondsOf(granularity);
  const steps = [...new Set([record, horizon])].join(', ');
  return `${name}(subjects, granularity, [{ name: '${horizon}s', horizon: ${horizon}, steps: [${steps}], interval: ${interval} }])`;
}

/** For a competition that begins small: one of hundreds of models that take their time wants 8 or more. */
const PARTITIONS = 4;

/** The configuration of a competition, every decision in it with its reason. */
export function configFile(answers: Answers): string {
  const { pack: kind, rewards } = answers;
  const { imports, pack } = PACKS[kind];
  const names = [
    'defineCrunch',
    imports,
    ...(rewards === 'contribution' ? ['contributionWeightedEmission'] : []),
  ].sort();
  const base = pack(answers);
  const body = [
    ...(base === null ? [] : ['...pack,']),
    `crunch_id: '${answers.name}',`,
    ...(kind === 'tournament' ? [] : feedLines(answers)),
    ...(kind === 'custom' ? customLines(answers) : []),
    ...(kind === 'realtime'
      ? ["// Signals: the models' answers combined, for subscribers.", "ensembles: [{ name: 'main' }],"]
      : []),
    ...scheduleLines(answers),
    ...rankingLines(answers, base !== null),
    `// Seconds between two payments, ${answers.payout} days.`,
    `checkpoint_interval_seconds: ${answers.payout * 86_400},`,
    '// The most processes of predict, and of score, that can share the work; fixed once there is a log. Each partition has',
    '// messages of its own in every cycle.',
    `partitions: ${PARTITIONS},`,
    ...(rewards === 'contribution'
      ? [
          '// By rank, by contribution to the ensemble, and by how little a model resembles the others.',
          'build_emission: contributionWeightedEmission(),',
        ]
      : []),
  ];
  return [
    '/** The competition. Functions belong into this file: its text is part of the hash of the configuration. */',
    importOf(names.join(', '), '@crunch-node/config'),
    ...(kind === 'custom' ? [importOf('Type', '@sinclair/typebox')] : []),
    '',
    ...(kind === 'tournament'
      ? []
      : [
          `const subjects = [${answers.subjects.map((subject) => `'${subject}'`).join(', ')}];`,
          `const granularity = '${answers.granularity}';`,
        ]),
    ...(base === null ? [] : [`const pack = ${base};`]),
    '',
    'export default defineCrunch({',
    ...body.map((line) => `  ${line}`),
    '});',
    '',
  ].join('\n');
}

function feedLines({ source, kind, pack }: Answers): string[] {
  const provider = source === 'custom' ? './feed.ts' : source;
  const rest = pack === 'realtime' || pack === 'custom' ? '' : '...pack.feed, ';
  return [
    `// Addresses and keys of the provider are in .env, as FEED_OPT_…`,
    `feed: { ${rest}provider: '${provider}', subjects, kind: '${kind}', granularity },`,
    ...(kind === 'tick'
      ? ["// What models see: 'tick', or 'candle_from_tick' for candles made of ticks.", "feed_normalizer: 'tick',"]
      : []),
  ];
}

function customLines({ fields, metric, direction }: Answers): string[] {
  const shape = fields.map((field) => `  ${field}: Type.Number({ minimum: -1e9, maximum: 1e9 }),`);
  const ensemble =
    fields.length === 1
      ? `output_field: '${fields[0]}'`
      : `output_fields: [${fields.map((field) => `'${field}'`).join(', ')}]`;
  return [
    '// What models answer: an answer outside of it has failed.',
    'output_type: Type.Object({',
    ...shape,
    '}),',
    '// THE SCORE IS YOURS TO WRITE. The stub scores nothing, and a competition that has it is refused to go live.',
    `// (prediction, truth) => ({ value: ${direction === 'asc' ? '' : '-'}Math.abs(prediction.${fields[0]} - truth.profit), success: true, failed_reason: null })`,
    '// truth has entry_price, resolved_price and profit, the return over the horizon, unless you write resolve_ground_truth.',
    'scoring_function: scoringStub,',
    ...(metric === null ? ['metrics: [],'] : []),
    `ensembles: [{ name: 'main', ${ensemble} }],`,
  ];
}

/** Rounds of packs whose schedule is not a part of the pack. */
function scheduleLines({ pack, interval, horizon }: Answers): string[] {
  if (pack !== 'realtime' && pack !== 'quantile' && pack !== 'custom') return [];
  return [
    `scope: { subject: subjects[0] ?? '', step_seconds: ${interval} },`,
    '// One round per subject and interval; its ground truth is known a horizon later.',
    'scheduled_predictions: subjects.map((subject) => ({',
    `  scope_key: \`\${subject.toLowerCase()}-${horizon}s\`,`,
    '  scope: { subject },',
    `  prediction_interval_seconds: ${interval},`,
    `  resolve_horizon_seconds: ${horizon},`,
    '})),',
  ];
}

const rankedBy = (metric: string | null): string => {
  if (metric === null) return 'score_recent';
  return isBuiltInMetric(metric) ? metric : 'own_metric';
};

function rankingLines({ pack, window, direction, metric }: Answers, hasPack: boolean): string[] {
  const key = pack === 'trading' ? "'net_pnl'" : `'${rankedBy(metric)}'`;
  const spread = (part: string, isThere: boolean) => (isThere ? `...pack.${part}, ` : '');
  const hasMetrics = pack === 'density' || pack === 'interval' || pack === 'quantile' || pack === 'bird';
  const isOwn = metric !== null && !isBuiltInMetric(metric);
  return [
    ...(isOwn
      ? [`custom_metrics: { ${spread('custom_metrics', hasMetrics)}own_metric: ${JSON.stringify(metric)} },`]
      : []),
    ...(metric === null
      ? []
      : [
          `metrics: [${spread('metrics', hasMetrics)}'${rankedBy(metric)}'],`,
          '// Models are ranked by it, so it is computed in every cycle; 10 would be cheaper, and up to ten cycles old.',
          'metrics_every: 1,',
        ]),
    'aggregation: {',
    `  ${hasPack ? '...pack.aggregation,' : "value_field: 'value',"}`,
    '  // A score is the mean over the last hours of each window.',
    '  windows: [',
    ...(['score_recent', 'score_steady', 'score_anchor'] as const).map(
      (name, i) => `    { name: '${name}', hours: ${window * [1, 3, 7][i]!} },`,
    ),
    '  ],',
    `  ranking_key: ${key},`,
    `  ranking_direction: '${direction}', // ${direction === 'asc' ? 'lower' : 'higher'} is better`,
    '},',
  ];
}
