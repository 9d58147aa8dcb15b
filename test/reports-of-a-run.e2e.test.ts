import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type ReportService, startReport } from '@crunch-node/report';
import { createLogger } from '@crunch-node/service';
import { freshNamespace, type Pipeline, startPipeline } from './support/pipeline.ts';
import { type Servers, startServers } from './support/servers.ts';

interface PredictionRow {
  readonly model_id: string;
  readonly scope_key: string;
  readonly performed_at: string;
  readonly score_value: number | null;
  readonly score_failed: boolean;
}
interface ScoreRow {
  readonly model_id: string;
  readonly scope_key: string;
  readonly performed_at: string;
  readonly score_metrics: Readonly<Record<string, number | null>>;
}

describe('reports of a run', () => {
  let servers: Servers;
  let pipeline: Pipeline;
  let report: ReportService;
  before(async () => {
    servers = await startServers();
    const namespace = freshNamespace();
    const databaseUrl = servers.postgres.url;
    pipeline = await startPipeline({ natsUrl: servers.nats.url, databaseUrl, namespace });
    await pipeline.finished();
    await pipeline.projected();
    const logger = createLogger('silent');
    const where = { databaseUrl, namespace, host: '127.0.0.1', port: 0, version: '0.1.0', logger };
    report = await startReport({ ...where, config: pipeline.config, pace: 'replay' });
  });
  after(async () => {
    await report?.stop();
    await pipeline?.stop();
    await servers?.stop();
  });

  async function get<T>(path: string): Promise<T> {
    const response = await fetch(`${report.url}${path}`);
    assert.equal(response.status, 200, path);
    return (await response.json()) as T;
  }
  const lastOf = <R>(rows: readonly R[], keyOf: (row: R) => string): Map<string, R> =>
    new Map(rows.map((row) => [keyOf(row), row]));

  it('end each line at the value of the leaderboard', async () => {
    const board = await get<ScoreRow[]>('/reports/leaderboard');
    const lines = await get<ScoreRow[]>('/reports/models/global');
    const lasts = lastOf(lines, ({ model_id }) => model_id);
    assert.ok(board.length > 3 && lines.length > 20 * lasts.size);
    for (const { model_id, score_metrics } of board) {
      for (const { name } of pipeline.config.aggregation.windows)
        assert.equal(lasts.get(model_id)?.score_metrics[name], score_metrics[name], `${model_id} ${name}`);
    }
  });

  it('score each model in each scope by the mean of its predictions', async () => {
    const predictions = await get<PredictionRow[]>('/reports/predictions?limit=50000');
    const scored = predictions.filter(({ score_failed, score_value }) => !score_failed && score_value !== null);
    const end = predictions.at(-1)!.performed_at;
    const lines = await get<ScoreRow[]>(`/reports/models/params?end=${end}Z`);
    const lasts = lastOf(lines, ({ model_id, scope_key }) => `${model_id} ${scope_key}`);
    assert.equal(lasts.size, new Set(scored.map(({ model_id, scope_key }) => `${model_id} ${scope_key}`)).size);
    for (const [key, { score_metrics, performed_at }] of lasts) {
      const own = scored.filter(({ model_id, scope_key }) => `${model_id} ${scope_key}` === key);
      assert.equal(performed_at, own.at(-1)?.performed_at);
      for (const { name, hours } of pipeline.config.aggregation.windows) {
        const since = Date.parse(`${end}Z`) - hours * 3_600_000;
        const held = own.filter((row) => Date.parse(`${row.performed_at}Z`) >= since).map((row) => row.score_value!);
        const mean = held.reduce((sum, value) => sum + value, 0) / held.length;
        assert.ok(Math.abs(mean - (score_metrics[name] ?? Number.NaN)) <= 1e-12, `${key} ${name}`);
      }
    }
  });

  it('have measured every stage of the run', async () => {
    const timing = await get<{ stage_latencies: { name: string; count: number; mean_us: number }[] }>(
      '/timing-metrics',
    );
    for (const { name, count, mean_us } of timing.stage_latencies) {
      assert.ok(count > 0, `${name} was not measured`);
      assert.ok(mean_us >= 0 && mean_us < 60e6, `${name} took ${mean_us} us`);
    }
  });

  it('draw every chart from an endpoint that has rows for it', async () => {
    const widgets = await get<
      { endpointUrl: string; nativeConfiguration: { xAxis: { name: string }; yAxis: { series: { name: string }[] } } }[]
    >('/reports/schema/metrics-widgets');
    for (const { endpointUrl, nativeConfiguration } of widgets) {
      const rows = await get<Readonly<Record<string, unknown>>[]>(endpointUrl);
      const { xAxis, yAxis } = nativeConfiguration;
      assert.ok(rows.length > 0, endpointUrl);
      assert.match(String(rows.at(-1)?.[xAxis.name]), /^\d{4}-\d\d-\d\dT[\d:.]+$/, endpointUrl);
      const drawn = yAxis.series.filter(({ name }) => rows.some((row) => typeof row[name] === 'number'));
      assert.ok(drawn.length > 0, `${endpointUrl} has nothing of ${yAxis.series.map(({ name }) => name).join(', ')}`);
    }
  });
});
