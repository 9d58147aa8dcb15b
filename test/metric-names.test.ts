import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { startMonitor } from '@crunch-node/service';
import { stageInstruments } from '@crunch-node/stages';
import { Registry } from 'prom-client';
import { modelInstruments } from '../services/predict/src/model-instruments.ts';
import { observe, projectionInstruments } from '../services/project/src/metrics.ts';
import { reportInstruments } from '../services/report/src/plugins/http/instruments.ts';

const STAGES = ['ingest', 'predict', 'score', 'ensemble', 'snapshot', 'rank', 'checkpoint'];
const root = join(import.meta.dirname, '..');

/** The metrics of all processes together. */
async function exposed(): Promise<{ readonly names: ReadonlySet<string>; labelsOf(name: string): readonly string[] }> {
  const registry = new Registry();
  for (const stage of STAGES) stageInstruments(registry, stage).watch(() => []);
  modelInstruments(registry);
  projectionInstruments(registry);
  observe(registry, []);
  reportInstruments(registry);
  const monitor = await startMonitor({ services: [], registry, connected: () => true, host: '127.0.0.1', port: 0 });
  const metrics = registry.getMetricsAsArray() as unknown as readonly Declared[];
  const names = new Map(
    metrics.flatMap(({ name, type, labelNames }) =>
      type === 'histogram'
        ? ['_bucket', '_sum', '_count'].map((end) => [`${name}${end}`, [...labelNames, 'le']] as const)
        : [[name, labelNames] as const],
    ),
  );
  await monitor.close();
  return { names: new Set(names.keys()), labelsOf: (name) => names.get(name) ?? [] };
}

interface Declared {
  readonly name: string;
  readonly type: string;
  readonly labelNames: readonly string[];
}

/** Labels every series gets at collection, as in deploy/prometheus.yml. */
const COLLECTED = ['service_name', 'stage', 'instance', 'job'];

describe('the metrics of dashboards and alerts', () => {
  let metrics: Awaited<ReturnType<typeof exposed>>;
  before(async () => {
    metrics = await exposed();
  });

  function assertAnswered(expression: string): void {
    const named = [...expression.matchAll(/\bcrunch_[a-z_]+\b(?!\.)/g)].map(([name]) => name);
    const patterns = [...expression.matchAll(/__name__=~"([^"]+)"/g)].map(([, pattern]) => new RegExp(`^${pattern}$`));
    const all = [...metrics.names];
    for (const name of named) assert.ok(metrics.names.has(name), `no metric ${name}, asked for in ${expression}`);
    const matched = patterns.map((pattern) => all.filter((name) => pattern.test(name)));
    for (const names of matched) assert.ok(names.length >= STAGES.length - 1, `too few metrics match ${expression}`);
    const known = new Set([...named, ...matched.flat()].flatMap((name) => [...metrics.labelsOf(name), ...COLLECTED]));
    const grouped = [...expression.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, list]) => list!.split(/,\s*/));
    const selected = [...expression.matchAll(/[{,]\s*([a-z_]+)\s*!?=~?"/g)].map(([, label]) => label!);
    if (known.size === 0) return;
    for (const label of [...grouped, ...selected])
      assert.ok(label === '__name__' || known.has(label), `nothing has a label ${label}, asked for in ${expression}`);
  }

  it('exist: the Grafana dashboard', async () => {
    const text = await readFile(join(root, 'deploy/grafana-dashboard.json'), 'utf8');
    const { panels } = JSON.parse(text) as { panels: { id: number; targets: { expr: string }[] }[] };
    const expressions = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    assert.ok(expressions.some((expr) => expr.includes('crunch_projection_halted')));
    for (const expression of expressions) assertAnswered(expression);
  });

  it('exist: the alerts', async () => {
    const text = await readFile(join(root, 'deploy/alerts.yml'), 'utf8');
    const expressions = [...text.matchAll(/^\s+expr: (.+)$/gm)].map(([, expr]) => expr!);
    assert.equal(expressions.length, [...text.matchAll(/- alert: /g)].length);
    for (const expression of expressions) assertAnswered(expression);
  });

  it('are documented in the manual, and those documented exist', async () => {
    const text = await readFile(join(root, 'docs/operating.md'), 'utf8');
    const rows = text.split('\n').filter((line) => line.startsWith('| `crunch_'));
    const reported = rows.flatMap((row) => {
      const cell = row.split('|')[1]!;
      const written = [...cell.matchAll(/`([a-z_<>]+)/g)].map(([, name]) => name!).filter((name) => name.includes('_'));
      const head = /^crunch_(<stage>|[a-z]+)/.exec(written[0]!)![0];
      return written.map((name) => (name.startsWith('crunch_') ? name : head + name));
    });
    const bare = new Set([...metrics.names].map((name) => name.replace(/_(bucket|sum|count)$/, '')));
    const meant = new Set(
      reported.flatMap((name) => (name.includes('<') ? STAGES.map((s) => name.replace('<stage>', s)) : name)),
    );
    assert.deepEqual([...meant].filter((name) => !bare.has(name)).sort(), []);
    assert.deepEqual([...bare].filter((name) => name.startsWith('crunch_') && !meant.has(name)).sort(), []);
  });
});
