import { byCodePoint } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import { contribution } from './contribution.ts';
import { ensembleCorrelation } from './ensemble-correlation.ts';
import { compileExpression } from './expressions/compile.ts';
import { fnc } from './fnc.ts';
import { hitRate } from './hit-rate.ts';
import { ic } from './ic.ts';
import { icSharpe } from './ic-sharpe.ts';
import { maxDrawdown } from './max-drawdown.ts';
import { meanReturn } from './mean-return.ts';
import type { CustomMetric, Metric } from './metric.ts';
import { modelCorrelation } from './model-correlation.ts';
import type { PeerSeries } from './peer-series.ts';
import { sortinoRatio } from './sortino-ratio.ts';
import { turnover } from './turnover.ts';

/** Metrics by the name they have in configurations and summaries. A value: adding to one makes another. */
export type MetricRegistry = ReadonlyMap<string, Metric>;

/** Every built-in metric by the name it has in configurations and summaries. */
export const builtInMetrics: MetricRegistry = new Map<string, Metric>([
  ['ic', ic],
  ['ic_sharpe', icSharpe],
  ['mean_return', meanReturn],
  ['hit_rate', hitRate],
  ['model_correlation', modelCorrelation],
  ['max_drawdown', maxDrawdown],
  ['sortino_ratio', sortinoRatio],
  ['turnover', turnover],
  ['fnc', fnc],
  ['contribution', contribution],
  ['ensemble_correlation', ensembleCorrelation],
]);

/** A metric whose name could not be used next to the fields of a score. */
export class InvalidMetricName extends CrunchError {
  override readonly name = 'InvalidMetricName';
  override readonly code = 'invalid_metric_name';
  readonly received: string;
  constructor(received: string) {
    super(
      `expected a lower-case letter, then at most 63 lower-case letters, digits or _, received ${JSON.stringify(received)}`,
    );
    this.received = received;
  }
}

/** The registry with one more metric, or with another one of that name. @throws {InvalidMetricName} */
export function register(registry: MetricRegistry, name: string, metric: Metric): MetricRegistry {
  if (!/^[a-z][a-z0-9_]{0,63}$/.test(name)) throw new InvalidMetricName(name);
  return new Map([...registry, [name, metric]]);
}

/**
 * The built-in metrics and an operator's own: functions, and expressions, which are compiled here, once.
 * @throws {InvalidMetricName}
 * @throws {InvalidExpression}
 */
export const metricRegistry = (custom: Readonly<Record<string, CustomMetric>> = {}): MetricRegistry =>
  Object.entries(custom).reduce<MetricRegistry>(
    (registry, [name, metric]) =>
      register(registry, name, typeof metric === 'string' ? compileExpression(metric) : onCopies(metric)),
    builtInMetrics,
  );

/** A function that sorts its numbers in place must not sort those of other metrics and models. */
const onCopies =
  (metric: Metric): Metric =>
  ({ shared: _, ...input }) =>
    metric({
      ...input,
      predictions: Float64Array.from(input.predictions),
      actuals: Float64Array.from(input.actuals),
      values: Float64Array.from(input.values),
      peers: () => copiesOf(input.peers()),
      ensembles: () => copiesOf(input.ensembles()),
    });

const copiesOf = (series: readonly PeerSeries[]): PeerSeries[] =>
  series.map(({ name, predictions }) => ({ name, predictions: Float64Array.from(predictions) }));

/** Names, sorted. */
export const availableMetrics = (registry: MetricRegistry): readonly string[] => [...registry.keys()].sort(byCodePoint);
