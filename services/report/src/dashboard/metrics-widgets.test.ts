import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { reportConfig } from '../testing/report-config.ts';
import { metricsWidgets } from './metrics-widgets.ts';

const named = (config: typeof reportConfig) =>
  metricsWidgets(config).map(({ id, displayName, endpointUrl }) => [id, displayName, endpointUrl]);

describe('the charts of a competition', () => {
  it('are those that have data', () => {
    assert.deepEqual(named({ ...reportConfig, metrics: [] }), [
      [101, 'Score Metrics', '/reports/models/metrics'],
      [102, 'Predictions', '/reports/predictions'],
      [103, 'Rolling score by parameters', '/reports/models/params'],
      [104, 'Reward History', '/reports/checkpoints/rewards'],
    ]);
    const ensembles = [{ name: 'main', enabled: true }] as unknown as NonNullable<typeof reportConfig.ensembles>;
    const all = named({ ...reportConfig, metrics: ['ic', 'contribution'], ensembles });
    assert.deepEqual(
      all.map(([, name]) => name),
      [
        'Score Metrics',
        'Multi-Metric Overview',
        'Predictions',
        'Rolling score by parameters',
        'Model Diversity',
        'Ensemble Performance',
        'Reward History',
      ],
    );
  });

  it('have an address and an id each, and data, under any configuration', () => {
    const ensembles = [{ name: 'main', enabled: true }] as unknown as NonNullable<typeof reportConfig.ensembles>;
    const metrics = ['ic', 'net_pnl', 'hit_rate', 'max_drawdown', 'contribution', 'fnc'];
    for (const windows of [[], reportConfig.aggregation.windows])
      for (const some of [[], ['net_pnl'], metrics]) {
        const aggregation = { ...reportConfig.aggregation, windows };
        const widgets = metricsWidgets({ ...reportConfig, aggregation, metrics: some, ensembles });
        const isTwice = (values: readonly unknown[]) => new Set(values).size !== values.length;
        assert.ok(!isTwice(widgets.map(({ id }) => id)) && !isTwice(widgets.map(({ endpointUrl }) => endpointUrl)));
        for (const { nativeConfiguration, displayName } of widgets) {
          const { yAxis } = nativeConfiguration as { yAxis: { series: unknown[] } };
          assert.ok(yAxis.series.length > 0, displayName);
        }
      }
  });

  it('are lines over a time, which is all the UI draws', () => {
    for (const { nativeConfiguration, id } of metricsWidgets(reportConfig)) {
      const { type, xAxis, alertConfig } = nativeConfiguration as Record<string, Record<string, string>>;
      assert.equal(type, 'line');
      assert.ok(['performed_at', 'period_end'].includes(xAxis?.name ?? ''));
      assert.notEqual(alertConfig?.field, 'score_success');
      assert.ok(id > 100);
    }
  });

  it('come with labels', () => {
    const [scores] = metricsWidgets(reportConfig);
    assert.deepEqual(scores?.nativeConfiguration, {
      type: 'line',
      xAxis: { name: 'performed_at' },
      yAxis: { series: [{ name: 'score_recent', label: 'Score Recent' }], format: 'decimal-2' },
      displayEvolution: false,
    });
  });
});
