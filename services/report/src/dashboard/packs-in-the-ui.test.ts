import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type CrunchDefinition,
  defineCrunch,
  demoPack,
  densityDemoPackFor,
  intervalDemoPackFor,
  quantileDemoPackFor,
  tournamentDemoPack,
  tradingDemoPack,
} from '@crunch-node/config';
import { leaderboardColumns } from '../leaderboards/columns.ts';
import { metricsWidgets } from './metrics-widgets.ts';

const subjects = ['BTCUSDT', 'ETHUSDT'];
const packs: Readonly<Record<string, CrunchDefinition>> = {
  realtime: demoPack,
  trading: tradingDemoPack,
  density: densityDemoPackFor(subjects, '1m'),
  interval: intervalDemoPackFor(subjects, '1m'),
  quantile: quantileDemoPackFor(subjects, '1m'),
  tournament: tournamentDemoPack,
};
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
      for (const window of ['score_recent', 'score_steady', 'score_anchor'])
        assert.ok(
          columns.some(({ property }) => property === window),
          window,
        );
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
