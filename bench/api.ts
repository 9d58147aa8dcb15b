/**
 * How many leaderboard requests a second one process on one core answers, and how long they wait: 500 models with 20
 * metrics in a real Postgres, the server pinned to one core, the load in a process of its own on another.
 *
 * `scripts/bench api [seconds per case] [models] [metrics] [connections]`; the last line is JSON.
 */
import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { privatePostgres } from '@crunch-node/embedded/testing';
import { createReadModel, openReadModel, type ReadModel } from '@crunch-node/projections';
import { createPositions } from '@crunch-node/projector';
import { namespaceOf } from '@crunch-node/streams';
import { sql } from 'kysely';
import type { Load, LoadResult } from './support/http-load.ts';
import { machine } from './support/machine.ts';
import { tableOf } from './support/table.ts';

const [SECONDS = 5, MODELS = 500, METRICS = 20, CONNECTIONS = 32] = process.argv.slice(2).map(Number);
const WARM_UP_SECONDS = 2;
const MOVE_EVERY_MS = 1_000;
const PATH = '/reports/leaderboard';

const children: ChildProcess[] = [];
const postgres = await privatePostgres();
const readModel = openReadModel({ url: postgres.url, schema: namespaceOf().schema });
try {
  await createReadModel(readModel.db, readModel.schema);
  await generate(readModel);
  const server = started('report-server', [postgres.url, String(METRICS)], 0);
  const [{ url }] = (await once(server, 'message')) as [{ url: string }];
  const generator = started('http-load', [], cpus().length - 1);
  const { hostname: host, port } = new URL(url);

  const run = async (load: Partial<Load> = {}): Promise<LoadResult> => {
    generator.send({
      host,
      port: Number(port),
      path: PATH,
      headers: {},
      connections: CONNECTIONS,
      seconds: SECONDS,
      conditional: false,
      ...load,
    } satisfies Load);
    const [answer] = (await once(generator, 'message')) as [{ result: LoadResult; error?: string }];
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.result;
  };
  const whileMoving = async (load: Partial<Load>): Promise<LoadResult> => {
    const over = new AbortController();
    const moving = move(readModel, over.signal);
    const result = await run(load);
    over.abort();
    await moving;
    return result;
  };
  const gzip = { headers: { 'accept-encoding': 'gzip' } };
  const [body, compressed] = await Promise.all(
    ['identity', 'gzip'].map(async (encoding) => sizeOf(`${url}${PATH}`, encoding)),
  );
  for (const conditional of [false, true]) await run({ conditional, seconds: WARM_UP_SECONDS });
  const cases: Readonly<Record<string, () => Promise<LoadResult>>> = {
    'not modified (304)': () => run({ conditional: true }),
    'not modified, a new ranking every second': () => whileMoving({ conditional: true, ...gzip }),
    'whole, compressed': () => run(gzip),
    'whole, compressed, a new ranking every second': () => whileMoving(gzip),
    'whole, as it is': () => run(),
  };
  const table = tableOf(['case', 'req/s', 'per cpu s', 'p50 ms', 'p99 ms', 'max ms', 'MB/s']);
  const results: Record<string, LoadResult & { readonly requests_per_cpu_second: number }> = {};
  for (const [name, measure] of Object.entries(cases)) {
    const before = await used(server);
    const result = await measure();
    const cpu = (await used(server)).cpu_seconds - before.cpu_seconds;
    const answers = Object.values(result.statuses).reduce((sum, count) => sum + count, 0);
    // What others do on the machine costs requests a second, but no processor time of ours.
    const requests_per_cpu_second = Math.round(answers / cpu);
    results[name] = { ...result, requests_per_cpu_second };
    const { requests_per_second, p50_ms, p99_ms, max_ms, megabytes_per_second } = result;
    table.push([name, requests_per_second, requests_per_cpu_second, p50_ms, p99_ms, max_ms, megabytes_per_second]);
  }
  const usage = await used(server);
  console.log(table.toString());
  console.log(
    JSON.stringify({
      bench: 'api',
      models: MODELS,
      metrics: METRICS,
      connections: CONNECTIONS,
      seconds: SECONDS,
      body_bytes: body,
      compressed_bytes: compressed,
      results,
      server: usage,
      machine: machine(),
    }),
  );
} finally {
  for (const child of children) child.disconnect();
  await readModel.close();
  await postgres.stop();
}

/** A process of ours on one core, where the system can pin it. */
function started(name: string, args: readonly string[], core: number): ChildProcess {
  const child = fork(fileURLToPath(new URL(`support/${name}.ts`, import.meta.url)), args, {
    execArgv: ['--import', 'tsx'],
  });
  children.push(child);
  const { status } = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(child.pid)]);
  if (status !== 0) console.error('taskset is not there or may not: the server is not pinned to one core');
  return child;
}

interface Usage {
  readonly cpu_seconds: number;
  readonly peak_rss_mb: number;
}

async function used(server: ChildProcess): Promise<Usage> {
  server.send('usage');
  const [usage] = (await once(server, 'message')) as [Usage];
  return usage;
}

/** Bytes of a response as they are sent. */
async function sizeOf(url: string, encoding: string): Promise<number> {
  const answer = await fetch(url, { headers: { 'accept-encoding': encoding } });
  const bytes = (await answer.arrayBuffer()).byteLength;
  return Number(answer.headers.get('content-length') ?? bytes);
}

async function generate({ db, schema }: ReadModel): Promise<void> {
  const t = (name: string) => sql.id(schema, name);
  await createPositions(db, schema);
  await sql`insert into ${t('models')}
    select 'model-' || lpad(m::text, 4, '0'), 0, 'dep-' || m, 'Model number ' || m, 'cruncher-' || m, 'Cruncher ' || m
    from generate_series(1, ${MODELS}::integer) as m`.execute(db);
  const streams = { leaderboards: 'LEADERBOARDS', models: 'MODELS', signals: 'SIGNALS' };
  for (const [projection, stream] of Object.entries(streams)) {
    await sql`insert into ${t('positions')} (projection, version, partition, stream, created, sequence, message_id, closings)
      values (${projection}, 1, 'all', ${stream}, '2026-01-01', 1, '', '{}')`.execute(db);
  }
  for (let past = 0; past < 50; past++) await rank(db, schema);
  await sql`analyze`.execute(db);
}

/** What a projection does when a cycle was ranked: rows and position in one transaction. */
async function rank(db: ReadModel['db'], schema: string): Promise<void> {
  const t = (name: string) => sql.id(schema, name);
  await db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ sequence: number }>`update ${t('positions')} set sequence = sequence + 2
      where projection = 'leaderboards' returning sequence`.execute(trx);
    const end = sql`timestamptz '2026-01-01' + ${rows[0]?.sequence}::bigint * interval '1 minute'`;
    await sql`insert into ${t('leaderboards')} select ${end}, 'LBR', ${end}, 0`.execute(trx);
    await sql`insert into ${t('leaderboard_entries')}
      select ${end}, 'model', 'model-' || lpad(m::text, 4, '0'), m,
        (select json_object_agg(name, random() + m - m) from (select 'metric_' || n as name
          from generate_series(1, ${METRICS}::integer) as n union all select unnest(array['score_24h', 'score_72h', 'score_168h'])) as names),
        json_build_object('key', 'score_24h', 'value', random(), 'direction', 'desc')
      from generate_series(1, ${MODELS}::integer) as m`.execute(trx);
  });
}

async function move({ db, schema }: ReadModel, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await rank(db, schema);
    await delay(MOVE_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
