import type { MetricsWidget } from './schemas/report-schema.ts';

/**
 * Charts the UI draws from our endpoints. Numbered from 101, since the UI lays its own widgets over ours by id first;
 * a widget comes with its endpoint.
 */
export const metricsWidgets = (): MetricsWidget[] => [
  {
    id: 101,
    type: 'CHART',
    displayName: 'Predictions',
    tooltip: null,
    order: 30,
    endpointUrl: '/reports/predictions',
    nativeConfiguration: {
      type: 'line',
      xAxis: { name: 'performed_at' },
      yAxis: { series: [{ name: 'score_value', label: 'Score' }], format: 'decimal-4' },
      alertConfig: { field: 'score_failed', reasonField: 'score_failed_reason' },
      filterConfig: [
        { type: 'select', label: 'Asset', property: 'subject', autoSelectFirst: true },
        { type: 'select', label: 'Horizon', property: 'horizon', autoSelectFirst: true },
      ],
      groupByProperty: 'param',
      displayEvolution: false,
    },
  },
];
