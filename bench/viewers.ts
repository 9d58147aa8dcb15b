/**
 * What open Metrics pages of the web UI cost: many viewers over a month of data, while cycles close. Projections, report
 * API, nats-server and Postgres share one core where the system can pin them, the viewers have another.
 *
 * `scripts/bench viewers [viewers] [models] [days] [minutes between cycles] [seconds] [seconds between polls] [seconds
 * between the cycles that close meanwhile]`; the last line is JSON. The first page of all is measured apart: every later
 * answer is new too, whenever a cycle has closed since the one before, but has most of its rows in common with it.
 */
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { privateNats, privatePostgres } from '@crunch-node/embedded/testing';
import { connectLog } from '@crunch-node/eventlog';
import { createReadModel, openReadModel, positionsReader } from '@crunch-node/projections';
import { createPositions } from '@crunch-node/projector';
import { allStreams, instantOfMillis, namespaceOf } from '@crunch-node/streams';
import { cycleCloser } from './support/closing-cycles.ts';
import { machine } from './support/machine.ts';
import { ENSEMBLE, fillMonth, modelId } from './support/month-of-rows.ts';
import { percentile, rounded } from './support/statistics.ts';
import { tableOf } from './support/table.ts';
import type { Viewing, ViewingResult } from './support/viewers-load.ts';

const [
  VIEWERS = 50,
  MODELS = 10,
  DAYS = 30,
  CYCLE_MINUTES = 1,
  SECONDS = 60,
  POLL_SECONDS = 30,
  CLOSE_EVERY_SECONDS = 10,
] = process.argv.slice(2).map(Number);
const LOOK_EVERY_MS = 25;
const TICKS_PER_SECOND = 100;

const children: ChildProcess[] = [];
const namespace = namespaceOf();
const [postgres, nats] = await Promise.all([privatePostgres(), privateNats()]);
const readModel = openReadModel({ url: postgres.url, schema: namespace.schema });
const log = await connectLog({ url: nats.url, namespace });
try {
  await log.ensureStreams(allStreams);
  await createReadModel(readModel.db, readModel.schema);
  await createPositions(readModel.db, readModel.schema);
  const beginning = performance.now();
  await fillMonth(readModel, {
    models: MODELS,
    days: DAYS,
    cycleMinutes: CYCLE_MINUTES,
    end: instantOfMillis(Date.now()),
  });
  const filledSeconds = rounded((performance.now() - beginning) / 1_000, 0);
  for (const { pid } of [postgres, nats]) pin(pid, 0);
  const engine = started('viewers-engine', [postgres.url, nats.url], 0);
  const [{ url, monitorUrl }] = (await once(engine, 'message')) as [{ url: string; monitorUrl: string }];
  const load = started('viewers-load', [], cpus().length - 1);
  const modelIds = Array.from({ length: MODELS }, (_, i) => modelId(i + 1));
  const over = new AbortController();
  const closing = closeCycles(modelIds, over.signal);
  const before = { engine: await usedBy(engine), postgres: postgresSeconds() };
  load.send({
    url,
    monitorUrl,
    viewers: VIEWERS,
    seconds: SECONDS,
    pollSeconds: POLL_SECONDS,
    projectIds: [...modelIds, ENSEMBLE],
  } satisfies Viewing);
  const [{ result, error }] = (await once(load, 'message')) as [{ result: ViewingResult; error?: string }];
  over.abort();
  const lags = await closing;
  if (error !== undefined) throw new Error(error);
  const usage = await usedBy(engine);
  const postgresShare = postgresSeconds() - before.postgres;
  const table = tableOf(['report', 'first ms', 'requests', 'p50 ms', 'p99 ms', 'max ms', 'KB']);
  for (const [path, { requests, p50_ms, p99_ms, max_ms, bytes }] of Object.entries(result.by_path))
    table.push([path, result.first_ms[path], requests, p50_ms, p99_ms, max_ms, Math.round(bytes / 1024)]);
  console.log(table.toString());
  console.log(`statuses ${JSON.stringify(result.statuses)}, worst /healthz ${result.healthz_max_ms} ms`);
  console.log(
    JSON.stringify({
      bench: 'viewers',
      viewers: VIEWERS,
      models: MODELS,
      days: DAYS,
      cycle_minutes: CYCLE_MINUTES,
      seconds: SECONDS,
      poll_seconds: POLL_SECONDS,
      close_every_seconds: CLOSE_EVERY_SECONDS,
      filled_seconds: filledSeconds,
      ...result,
      cycles_closed: lags.length,
      projections_lag_p50_ms: rounded(percentile(lags, 50)),
      projections_lag_max_ms: rounded(Math.max(...lags)),
      engine_cpu_seconds: rounded(usage.cpu_seconds - before.engine.cpu_seconds),
      postgres_cpu_seconds: rounded(postgresShare),
      peak_rss_mb: usage.peak_rss_mb,
      machine: machine(),
    }),
  );
} finally {
  for (const child of children) if (child.connected) child.disconnect();
  await log.close();
  await readModel.close();
  await Promise.all([postgres.stop(), nats.stop()]);
}

/** A process of ours on one core, where the system can pin it. */
function started(name: string, args: readonly string[], core: number): ChildProcess {
  const child = fork(fileURLToPath(new URL(`support/${name}.ts`, import.meta.url)), args, {
    execArgv: ['--import', 'tsx'],
  });
  children.push(child);
  pin(child.pid, core);
  return child;
}

function pin(pid: number | undefined, core: number): void {
  const { status } = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(pid)]);
  if (status !== 0) console.error('taskset is not there or may not: nothing is pinned to one core');
}

/** @returns milliseconds from the acknowledgement of each cycle until every projection had written it */
async function closeCycles(modelIds: readonly string[], signal: AbortSignal): Promise<number[]> {
  const closer = cycleCloser(log, modelIds);
  const positions = positionsReader(readModel.db);
  const lags: number[] = [];
  while (!signal.aborted) {
    const published = await closer.close(instantOfMillis(Date.now()));
    const from = performance.now();
    const isBehind = async () =>
      [...(await positions()).values()].some(({ stream, sequence }) => sequence < (published.get(stream) ?? 0));
    while (await isBehind()) await delay(LOOK_EVERY_MS);
    lags.push(performance.now() - from);
    await delay(Math.max(0, 1_000 * CLOSE_EVERY_SECONDS - (performance.now() - from)), undefined, { signal }).catch(
      () => undefined,
    );
  }
  await closer.end();
  return lags;
}

async function usedBy(child: ChildProcess): Promise<{ readonly cpu_seconds: number; readonly peak_rss_mb: number }> {
  child.send('usage');
  const [usage] = await once(child, 'message');
  return usage;
}

/** Processor time of the server and its sessions, those that have ended included. */
function postgresSeconds(): number {
  const { pid } = postgres;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  const ticks = children.flatMap((child) => timesOf(child).slice(0, 2)).concat(timesOf(String(pid)));
  return ticks.reduce((sum, one) => sum + one, 0) / TICKS_PER_SECOND;
}

/** Of itself, and of children it has waited for: user, system, user, system. */
function timesOf(pid: string): number[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ').slice(11, 15).map(Number);
  } catch {
    return []; // has just ended
  }
}
