import type { JsonObject } from '@crunch-node/streams';
import type { ReportConfig } from '../route-context.ts';
import { finestFormat, formatOf, type Magnitudes } from '../values/decimals.ts';
import type { MetricsWidget } from './schemas.ts';
import { metricName, titled } from './titles.ts';

/** The metrics that show how a model differs from the others. */
const DIVERSITY = ['model_correlation', 'ensemble_correlation', 'contribution', 'fnc'];
const FIRST_METRICS = 5;
/** Other addresses of `/reports/models/metrics`, with the same response. */
export const METRICS_AGAIN = {
  overview: '/reports/models/metrics/overview',
  diversity: '/reports/models/metrics/differences',
} as const;
/** The UI lays its own widgets, 1 to 3, over ours by id first, then by address: no two of ours share one either. */
const FIRST_ID = 101;

/**
 * Charts the UI draws from our endpoints, from what the competition configures. All are lines over time: it draws no
 * bars, and cannot place anything but a time on the x-axis.
 */
export function metricsWidgets(config: ReportConfig, magnitudes: Magnitudes = {}): MetricsWidget[] {
  const { aggregation, metrics, ensembles = [] } = config;
  const windowFormat = finestFormat(
    aggregation.windows.map(({ name }) => formatOf(name, 2, config, magnitudes)),
    2,
  );
  const windows = aggregation.windows.map(({ name }) => ({ name, label: titled(name) }));
  const series = metrics.map((name) => ({ name, label: metricName(name) }));
  const diversity = series.filter(({ name }) => DIVERSITY.includes(name));
  const widgets = [
    chart('Score Metrics', 10, '/reports/models/metrics', 'performed_at', windows, windowFormat),
    chart('Multi-Metric Overview', 15, METRICS_AGAIN.overview, 'performed_at', series, 'decimal-4'),
    chart(
      'Predictions',
      30,
      '/reports/predictions',
      'performed_at',
      [{ name: 'score_value', label: 'Score' }],
      'decimal-4',
      {
        alertConfig: { field: 'score_failed', reasonField: 'score_failed_reason' },
        ...byParameters,
      },
    ),
    chart(
      'Rolling score by parameters',
      20,
      '/reports/models/params',
      'performed_at',
      windows,
      windowFormat,
      byParameters,
    ),
    chart('Model Diversity', 25, METRICS_AGAIN.diversity, 'performed_at', diversity, 'decimal-4'),
    ensembles.some(({ enabled }) => enabled) &&
      chart(
        'Ensemble Performance',
        16,
        '/reports/ensemble/history',
        'period_end',
        series.slice(0, FIRST_METRICS),
        'decimal-4',
        {
          filterConfig: [select('Ensemble', 'ensemble_name')],
        },
      ),
    chart(
      'Reward History',
      40,
      '/reports/checkpoints/rewards',
      'period_end',
      [{ name: 'reward_pct', label: 'Reward %' }],
      'decimal-2',
      {
        groupByProperty: 'model_name',
      },
    ),
  ];
  return widgets
    .filter((widget) => widget !== false && widget !== null)
    .map((widget, i) => ({ id: FIRST_ID + i, ...widget }));
}

const select = (label: string, property: string): JsonObject => ({
  type: 'select',
  label,
  property,
  autoSelectFirst: true,
});

const byParameters = {
  filterConfig: [select('Asset', 'subject'), select('Horizon', 'horizon')],
  groupByProperty: 'param',
};

/** Null when there is nothing to draw. */
const chart = (
  displayName: string,
  order: number,
  endpointUrl: string,
  time: string,
  series: readonly { readonly name: string; readonly label: string }[],
  format: string,
  more: JsonObject = {},
): Omit<MetricsWidget, 'id'> | null =>
  series.length === 0
    ? null
    : {
        type: 'CHART',
        displayName,
        tooltip: null,
        order,
        endpointUrl,
        nativeConfiguration: {
          type: 'line',
          xAxis: { name: time },
          yAxis: { series: [...series], format },
          ...more,
          displayEvolution: false,
        },
      };
