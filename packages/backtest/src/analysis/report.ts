import { type CrunchConfig, type DiversityFeedback, diversityFeedback, ranksAccounts } from '@crunch-node/domain';
import { type Instant, instantOfMillis, millisOf, type RoundScored } from '@crunch-node/streams';
import type { BacktestRun } from '../engine/run.ts';
import { type Calibration, calibrationOf } from './calibration.ts';
import {
  type Curve,
  correlation,
  dayOf,
  drawdownOf,
  equityOf,
  hitRatesBy,
  hourOf,
  rollingMean,
  thinned,
} from './curves.ts';
import { between, type Measured, meanScore, metricsOver, shownMetrics } from './metrics-over.ts';
import { byModel, type PredictionRow, rowsOf } from './rows.ts';
import { type WorstPrediction, worstOf } from './worst.ts';

/** Results of a run. Times are instants, scores and metrics in the units of the configuration. */
export interface Report {
  readonly crunch_id: string;
  readonly from: Instant | null;
  readonly to: Instant | null;
  readonly records: number;
  readonly rounds: number;
  readonly ranking_key: string;
  readonly ranking_direction: 'asc' | 'desc';
  readonly windows: readonly string[];
  readonly metrics: readonly string[];
  /** best first */
  readonly models: readonly ModelReport[];
  /** of models' predictions, by model id both ways */
  readonly correlations: Readonly<Record<string, Readonly<Record<string, number | null>>>>;
  readonly split: { readonly at: Instant } | null;
  readonly folds: readonly { readonly from: Instant; readonly to: Instant }[];
  readonly warnings: readonly string[];
}

type Split = Measured & { readonly mean_score: number | null };

export interface ModelReport {
  readonly model_id: string;
  readonly model_name: string;
  /** null: never scored */
  readonly rank: number | null;
  readonly leaderboard: Readonly<Record<string, number | null>>;
  /** over all rounds */
  readonly overall: Split;
  readonly in_sample: Split | null;
  readonly out_of_sample: Split | null;
  readonly folds: readonly Split[];
  readonly by_day: ReturnType<typeof hitRatesBy>;
  readonly by_hour: ReturnType<typeof hitRatesBy>;
  readonly by_subject: ReturnType<typeof hitRatesBy>;
  readonly diversity: DiversityFeedback;
  readonly outcomes: { readonly scored: number; readonly failed: number; readonly expired: number };
  readonly predictions: { readonly answered: number; readonly failed: number; readonly absent: number };
  /** reason → how often */
  readonly failures: Readonly<Record<string, number>>;
  readonly equity: Curve;
  readonly drawdown: Curve;
  readonly rolling_score: Curve;
  readonly rolling_ic: Curve;
  readonly calibration: Calibration | null;
  readonly worst: readonly WorstPrediction[];
}

export interface ReportOptions {
  readonly config: CrunchConfig;
  /** where out of sample begins: a moment, or a share of the time; default 0.7 */
  readonly split?: Instant | number;
  /** stretches of equal length that are looked at one by one; default 4 */
  readonly folds?: number;
  readonly warnings?: readonly string[];
}

const ROLLING_HOURS = 24;

/** Everything that is shown of a run, as data. */
export function reportOf(run: BacktestRun, options: ReportOptions): Report {
  const { config, warnings = [] } = options;
  const scored = run.scored.filter(({ type }) => type === 'RoundScored');
  const rows = rowsOf(scored);
  const [from, to] = [run.records[0]?.at ?? null, run.records.at(-1)?.at ?? null];
  const names = shownMetrics(config);
  const folds = foldsOf(from, to, options.folds ?? 4);
  const split = from === null || to === null ? null : splitAt(from, to, options.split ?? 0.7);
  const own = byModel(rows);
  const counted = predictionsOf(run);
  const stretches = {
    overall: measuredIn(config, scored, rows, names),
    in_sample: split === null ? null : measuredIn(config, between(scored, '', split), within(rows, '', split), names),
    out_of_sample:
      split === null ? null : measuredIn(config, between(scored, split, '~'), within(rows, split, '~'), names),
    folds: folds.map((fold) =>
      measuredIn(config, between(scored, fold.from, fold.to), within(rows, fold.from, fold.to), names),
    ),
  };
  const ranked = new Map(run.leaderboard?.data.entries.map((entry) => [entry.model_id, entry]));
  const models = run.names
    .map(({ model_id, model_name }): ModelReport => {
      const ofModel = own.get(model_id) ?? [];
      const overall = stretches.overall(model_id);
      const equity = ranksAccounts(config) ? levelOf(run, config, model_id) : equityOf(ofModel);
      return {
        model_id,
        model_name,
        rank: ranked.get(model_id)?.rank ?? null,
        leaderboard: ranked.get(model_id)?.score.metrics ?? {},
        overall,
        in_sample: stretches.in_sample?.(model_id) ?? null,
        out_of_sample: stretches.out_of_sample?.(model_id) ?? null,
        folds: stretches.folds.map((fold) => fold(model_id)),
        by_day: hitRatesBy(ofModel, dayOf),
        by_hour: hitRatesBy(ofModel, hourOf),
        by_subject: hitRatesBy(ofModel, ({ subject }) => subject),
        diversity: diversityFeedback(overall.metrics),
        outcomes: outcomesOf(ofModel),
        ...(counted.get(model_id) ?? NONE),
        equity: thinned(equity),
        drawdown: thinned(drawdownOf(equity)),
        rolling_score: thinned(rollingMean(ofModel, ROLLING_HOURS)),
        rolling_ic: thinned(metricCurve(run, model_id, 'ic')),
        calibration: calibrationOf(ofModel),
        worst: worstOf(ofModel, run.records, config),
      };
    })
    .sort((a, b) => (a.rank ?? Number.POSITIVE_INFINITY) - (b.rank ?? Number.POSITIVE_INFINITY));
  return {
    crunch_id: config.crunch_id,
    from,
    to,
    records: run.records.length,
    rounds: run.predicted.length,
    ranking_key: config.aggregation.ranking_key,
    ranking_direction: config.aggregation.ranking_direction,
    windows: config.aggregation.windows.map(({ name }) => name),
    metrics: names,
    models,
    correlations: correlationsOf(models, own),
    split: split === null ? null : { at: split },
    folds,
    warnings: [...warnings, ...droppedOf(run)],
  };
}

function measuredIn(
  config: CrunchConfig,
  scored: readonly RoundScored[],
  rows: readonly PredictionRow[],
  names: readonly string[],
): (modelId: string) => Split {
  const measured = metricsOver(config, scored, names);
  const own = byModel(rows);
  return (modelId) => ({
    ...(measured.get(modelId) ?? { metrics: {}, unavailable: {} }),
    mean_score: meanScore(own.get(modelId) ?? []),
  });
}

const within = (rows: readonly PredictionRow[], from: Instant, to: Instant): readonly PredictionRow[] =>
  rows.filter(({ performed_at }) => performed_at >= from && performed_at < to);

function splitAt(from: Instant, to: Instant, split: Instant | number): Instant | null {
  if (typeof split === 'string') return split;
  return instantOfMillis(Math.round(millisOf(from) + split * (millisOf(to) - millisOf(from))));
}

function foldsOf(from: Instant | null, to: Instant | null, count: number): Report['folds'] {
  if (from === null || to === null) return [];
  const [start, end] = [millisOf(from), millisOf(to) + 1];
  const edge = (i: number): Instant => instantOfMillis(Math.round(start + ((end - start) * i) / count));
  return Array.from({ length: count }, (_, i) => ({ from: edge(i), to: edge(i + 1) }));
}

function outcomesOf(rows: readonly PredictionRow[]): ModelReport['outcomes'] {
  const counts = { scored: 0, failed: 0, expired: 0 };
  for (const { outcome } of rows) counts[outcome]++;
  return counts;
}

const MOST_REASONS = 10;

type Counted = Pick<ModelReport, 'predictions' | 'failures'>;

/** Of every model: outcomes of its calls, and the most common reasons. */
function predictionsOf({ predicted, scored }: BacktestRun): ReadonlyMap<string, Counted> {
  const models = new Map<string, { answered: number; failed: number; absent: number; reasons: Map<string, number> }>();
  for (const { data } of predicted) {
    for (const { model_id, status, reason } of data.predictions) {
      const counts = models.get(model_id) ?? { answered: 0, failed: 0, absent: 0, reasons: new Map() };
      models.set(model_id, counts);
      counts[status === 'PENDING' ? 'answered' : status === 'FAILED' ? 'failed' : 'absent']++;
      if (reason !== null) counts.reasons.set(reason, (counts.reasons.get(reason) ?? 0) + 1);
    }
  }
  for (const { data } of scored) {
    for (const { model_id, outcome, failed_reason } of data.outcomes ?? []) {
      const reasons = models.get(model_id)?.reasons;
      if (outcome !== 'failed' || failed_reason === null) continue;
      reasons?.set(failed_reason, (reasons.get(failed_reason) ?? 0) + 1);
    }
  }
  return new Map(
    [...models].map(([modelId, { reasons, ...predictions }]) => {
      const common = [...reasons].sort(([, a], [, b]) => b - a).slice(0, MOST_REASONS);
      return [modelId, { predictions, failures: Object.fromEntries(common) }];
    }),
  );
}

const NONE: Counted = { predictions: { answered: 0, failed: 0, absent: 0 }, failures: {} };

const metricCurve = (run: BacktestRun, modelId: string, name: string): Curve =>
  run.snapshots.flatMap(({ at, data }) => {
    const value = data.model_id === modelId ? data.result_summary[name] : null;
    return typeof value === 'number' ? [[at, value] as const] : [];
  });

/** In trading competitions the ranked value is a level, not something that adds up. */
const levelOf = (run: BacktestRun, config: CrunchConfig, modelId: string): Curve =>
  metricCurve(run, modelId, config.aggregation.value_field);

function correlationsOf(
  models: readonly ModelReport[],
  rows: ReadonlyMap<string, readonly PredictionRow[]>,
): Report['correlations'] {
  const ids = models.map(({ model_id }) => model_id);
  const found = new Map<string, number | null>();
  ids.forEach((a, i) => {
    for (const b of ids.slice(i)) {
      const value = a === b ? 1 : correlation(rows.get(a) ?? [], rows.get(b) ?? []);
      found.set(`${a} ${b}`, value).set(`${b} ${a}`, value);
    }
  });
  return Object.fromEntries(
    ids.map((a) => [a, Object.fromEntries(ids.map((b) => [b, found.get(`${a} ${b}`) ?? null]))]),
  );
}

const droppedOf = ({ dropped }: BacktestRun): string[] =>
  [...dropped].map(
    ([modelId, { failure_code, failure_reason }]) =>
      `${modelId} was dropped, as in production: ${failure_code}${failure_reason === null ? '' : ` (${failure_reason})`}`,
  );
