/** W5: reports of 500 models, the server on one core, Postgres and the load on the other. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Load, LoadResult } from '../../support/http-load.ts';
import { withLog } from '../own-log.ts';
import { disconnected, emptyDatabase, pin, startReference } from '../reference.ts';
import type { Row, Setting } from '../row.ts';
import { scoredTables } from '../scored-tables.ts';
import { START } from '../synthetic.ts';
import { ownServer, referenceServer, type WebServer } from '../web-servers.ts';

/** A server that hangs answers nothing, so the load never ends by itself. */
const PATIENCE_SECONDS = 60;
const CYCLES = 10;

interface Point {
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
}

export async function w5(setting: Setting): Promise<Row[]> {
  const rows: Row[] = [];
  const sizes = setting.small
    ? [{ models: 100, predictions: 10 }]
    : [4, 40].map((n) => ({ models: 500, predictions: n }));
  for (const size of sizes) rows.push(...(await compare(setting, size)));
  return rows;
}

interface Size {
  readonly models: number;
  readonly predictions: number;
}

async function compare({ installed, postgres, folder, small }: Setting, { models, predictions }: Size): Promise<Row[]> {
  const theirUrl = await emptyDatabase(postgres.url, 'reference_w5');
  const ownUrl = await emptyDatabase(postgres.url, 'ours_w5');
  const filler = await startReference({ installed, folder, databaseUrl: theirUrl });
  await filler.call('w5', 'prepare', { models, inputs: predictions });
  await filler.stop();
  const inputs = Math.ceil(predictions / CYCLES);
  await withLog('acknowledged', (own) => scoredTables(own, ownUrl, { models, inputs, cycles: predictions / inputs }));
  pin(postgres.pid, cpus().length - 1);

  const moment = (minutes: number): string => new Date(START + minutes * 60_000).toISOString();
  const global = `/reports/models/global?start=${moment(0)}&end=${moment(60)}`;
  const points: Point[] = ['/healthz', '/reports/leaderboard', global].flatMap((path) =>
    (small ? [1, 16] : [1, 16, 64]).map((connections) => ({ path, connections, seconds: small ? 2 : 8 })),
  );
  if (!small) points.push({ path: '/reports/leaderboard', connections: 64, seconds: 45 });
  const rows: Row[] = [];
  for (const point of points) {
    const servers = [
      await referenceServer({ installed, folder, databaseUrl: theirUrl }),
      await ownServer(ownUrl),
    ] as const;
    try {
      const theirs = await loaded(servers[0], point);
      const ours = await loaded(servers[1], point);
      const latency = `p50 ${theirs.p50_ms} / ${ours.p50_ms} ms, p99 ${theirs.p99_ms} / ${ours.p99_ms} ms`;
      const what = `${models} x ${predictions} ${point.path.split('?')[0]}, ${point.connections} for ${point.seconds} s`;
      rows.push({
        workload: 'W5',
        what: `${what}: ${latency}${statusText(theirs, 'reference')}${statusText(ours, 'ours')}`,
        unit: 'requests/s',
        reference: theirs.requests_per_second,
        ours: ours.requests_per_second,
        referenceCpu: theirs.cpu_ms,
        oursCpu: ours.cpu_ms,
        referencePeak: servers[0].peakMb(),
        oursPeak: servers[1].peakMb(),
        durable: 'CPU is ms a request',
      });
    } finally {
      for (const server of servers) await server.stop();
    }
  }
  return rows;
}

interface Loaded extends LoadResult {
  readonly cpu_ms: number;
}

/** A load after a short one that warms the server up; of the slow report after one request. */
async function loaded(server: WebServer, point: Point): Promise<Loaded> {
  if (!point.path.includes('/global')) await load(server, { ...point, connections: 1, seconds: 2 });
  return load(server, point);
}

/** From a process of its own. */
async function load(server: WebServer, { path, connections, seconds }: Point): Promise<Loaded> {
  const first = await fetch(`${server.url}${path}`);
  if (!first.ok) throw new Error(`${path}: expected 200, received ${first.status} ${await first.text()}`);
  await first.arrayBuffer();
  const generator = fork(new URL('../../support/http-load.ts', import.meta.url), { execArgv: ['--import', 'tsx'] });
  pin(generator.pid, cpus().length - 1);
  const { hostname: host, port } = new URL(server.url);
  const cpu = server.cpuSeconds();
  try {
    const order: Load = { host, port: Number(port), path, headers: {}, connections, seconds, conditional: false };
    generator.send(order);
    const patience = new AbortController();
    const answer = await Promise.race([
      once(generator, 'message') as Promise<[{ result: LoadResult; error?: string }]>,
      delay((seconds + PATIENCE_SECONDS) * 1000, null, { signal: patience.signal }),
    ]);
    patience.abort();
    if (answer === null) return hung;
    const [{ result, error }] = answer;
    if (error !== undefined) throw new Error(error);
    const requests = Object.values(result.statuses).reduce((sum, count) => sum + count, 0);
    return { ...result, cpu_ms: ((server.cpuSeconds() - cpu) * 1000) / requests };
  } finally {
    if (generator.connected) await disconnected(generator);
  }
}

const hung: Loaded = {
  requests_per_second: 0,
  p50_ms: Number.NaN,
  p99_ms: Number.NaN,
  max_ms: Number.NaN,
  megabytes_per_second: 0,
  statuses: { hung: 1 },
  cpu_ms: Number.NaN,
};

function statusText({ statuses }: LoadResult, name: string): string {
  const others = Object.entries(statuses).filter(([status]) => status !== '200');
  return others.length === 0 ? '' : `, ${name} ${others.map(([status, count]) => `${count} x ${status}`).join(', ')}`;
}
