import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  birdDemoPackFor,
  type CrunchDefinition,
  defineCrunch,
  demoPack,
  densityDemoPackFor,
  intervalDemoPackFor,
  quantileDemoPackFor,
  tournamentDemoPack,
  tradingDemoPack,
} from '@crunch-node/config';
import type { Instant, JsonObject } from '@crunch-node/streams';
import { leaderboardColumns } from '../leaderboards/columns.ts';
import { metricsRow, scopeRow, scoreRow } from '../models/score-rows.ts';
import { metricsWidgets } from './metrics-widgets.ts';

const subjects = ['BTCUSDT', 'ETHUSDT'];
const packs: Readonly<Record<string, CrunchDefinition>> = {
  realtime: demoPack,
  trading: tradingDemoPack,
  density: densityDemoPackFor(subjects, '1m'),
  interval: intervalDemoPackFor(subjects, '1m'),
  quantile: quantileDemoPackFor(subjects, '1m'),
  tournament: tournamentDemoPack,
  bird: birdDemoPackFor(subjects, '1m'),
};
/** Of the UI's own widgets and columns, in every competition. */
const OWN_SERIES = ['score_recent', 'score_steady', 'score_anchor'];
type Row = Readonly<Record<string, unknown>>;
const AT = '2024-01-01T01:00:00.000000Z' as Instant;
const isTwice = (values: readonly unknown[]): boolean => new Set(values).size !== values.length;

describe('what the web UI merges with its own', () => {
  for (const [name, definition] of Object.entries(packs)) {
    const config = defineCrunch({ crunch_id: 'ui', ...definition });

    it(`has columns of their own ids and properties, one with the name of a model: ${name}`, () => {
      const columns = leaderboardColumns(config);
      // The UI numbers its own from 1.
      for (const { id } of columns) assert.ok(id > 100, String(id));
      assert.ok(!isTwice(columns.map(({ id }) => id)));
      assert.ok(!isTwice(columns.map(({ property }) => property)));
      assert.ok(columns.some(({ property }) => property === 'username'));
      for (const window of OWN_SERIES)
        assert.ok(
          columns.some(({ property }) => property === window),
          window,
        );
    });

    it(`has rows with a number for each window and metric: ${name}`, () => {
      const { aggregation, metrics } = config;
      const columns = leaderboardColumns(config).filter(({ type }) => type === 'VALUE');
      for (const each of [...OWN_SERIES, ...metrics])
        assert.ok(
          columns.some(({ property }) => property === each),
          each,
        );
      const windows = Object.fromEntries(aggregation.windows.map((window) => [window.name, 0.5]));
      const found = {
        model_id: '1',
        cycle_end: AT,
        period_start: AT,
        period_end: AT,
        prediction_count: 1,
        failed_count: 0,
        result_summary: Object.fromEntries(metrics.map((metric) => [metric, 0.25])),
        score_metrics: windows,
        score_ranking: null,
      };
      const rows: Row[] = [scoreRow(aggregation, found), metricsRow(aggregation, found)];
      for (const row of rows) {
        for (const series of OWN_SERIES) assert.equal(row[series], 0.5, series);
        for (const metric of metrics) assert.equal(row[metric], 0.25, metric);
      }
    });

    it(`has points the UI can filter by asset and horizon and group by parameters: ${name}`, () => {
      const { aggregation, scope, scheduled_predictions: schedules } = config;
      const scopes: JsonObject[] = schedules.map((entry) => ({
        ...scope,
        ...entry.scope,
        resolve_horizon_seconds: entry.resolve_horizon_seconds,
      }));
      assert.equal(scopes.length > 0, name !== 'tournament', 'rounds of a tournament are opened, not scheduled');
      const averages = aggregation.windows.map(() => 0.5);
      const rows = scopes.map(
        (each, i): Row =>
          scopeRow(aggregation, { model_id: '1', scope_key: String(i), scope: each, performed_at: AT, averages }),
      );
      for (const row of rows) {
        for (const series of OWN_SERIES) assert.equal(row[series], 0.5, series);
        assert.ok(typeof row.asset === 'string' && row.asset === row.subject && row.asset !== '', String(row.asset));
        assert.ok(typeof row.horizon === 'number' && row.horizon > 0, String(row.horizon));
        assert.equal(row.param, `${row.asset}-${row.horizon}-${row.step}`);
        assert.equal(row.performed_at, '2024-01-01T01:00:00');
      }
    });

    it(`has charts of their own ids and addresses, each with a series: ${name}`, () => {
      const widgets = metricsWidgets(config);
      for (const { id } of widgets) assert.ok(id > 100, String(id));
      assert.ok(!isTwice(widgets.map(({ id }) => id)));
      // Charts are merged by address: of two with one address the UI shows one.
      assert.ok(!isTwice(widgets.map(({ endpointUrl }) => endpointUrl)));
      for (const { nativeConfiguration, displayName } of widgets) {
        const { yAxis } = nativeConfiguration as { yAxis: { series: unknown[] } };
        assert.ok(yAxis.series.length > 0, displayName);
      }
    });
  }
});
