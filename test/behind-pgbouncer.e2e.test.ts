import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { defineCrunch } from '@crunch-node/config';
import { type TempDir, tempDir } from '@crunch-node/embedded';
import {
  type NatsServer,
  type PgBouncer,
  type PgBouncerOptions,
  type Postgres,
  pgBouncerMissing,
  privateNats,
  privatePgBouncer,
  privatePostgres,
  until,
} from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { type ProjectService, startProject } from '@crunch-node/project';
import { digestTables, openReadModel } from '@crunch-node/projections';
import { sampleLog } from '@crunch-node/projections/testing';
import { ReplayRunning, replay } from '@crunch-node/projector';
import { customRoutesReading, type ReportService, reportReading, startReport } from '@crunch-node/report';
import { createLogger } from '@crunch-node/service';
import { allStreams, namespaceOf } from '@crunch-node/streams';
import { sql } from 'kysely';
import pg from 'pg';
import { runCli } from '../packages/cli/src/testing/run-cli.ts';
import { append } from '../services/project/src/testing/append.ts';

const logger = createLogger('silent');
const config = defineCrunch({});
const DEADLINE = { deadlineMs: 60_000 };
const skip = await pgBouncerMissing();

describe('behind PgBouncer', { skip }, () => {
  let nats: NatsServer;
  let postgres: Postgres;
  let folder: TempDir;
  const ending: (() => Promise<unknown>)[] = [];
  before(async () => {
    [nats, postgres, folder] = await Promise.all([privateNats(), privatePostgres(), tempDir('crunch-pooled-')]);
  });
  after(async () => {
    for (const end of ending.reverse()) await end();
    await Promise.all([nats?.stop(), postgres?.stop()]);
    await folder?.remove();
  });

  async function pooler(options: Partial<PgBouncerOptions> = {}): Promise<PgBouncer> {
    const started = await privatePgBouncer({ url: postgres.url, ...options });
    ending.push(() => started.stop());
    return started;
  }

  async function sampled(name: string) {
    const namespace = namespaceOf(name);
    const log: EventLog = await connectLog({ url: nats.url, namespace });
    ending.push(() => log.close());
    await log.ensureStreams(allStreams);
    await append(log, sampleLog(20));
    return { namespace, log };
  }

  function project(databaseUrl: string, at: Awaited<ReturnType<typeof sampled>>): ProjectService {
    const service = startProject({ ...at, databaseUrl, logger });
    ending.push(() => service.stop());
    return service;
  }

  async function report(databaseUrl: string, namespace = namespaceOf('none'), dir?: string): Promise<ReportService> {
    const where = { databaseUrl, namespace, config, host: '127.0.0.1', port: 0, version: '1', logger };
    const service = await startReport({ ...where, ...(dir !== undefined && { customRoutes: { dir } }) });
    ending.push(() => service.stop());
    return service;
  }

  const run = (databaseUrl: string, ...args: string[]) =>
    runCli(args, { cwd: folder.path, env: { NATS_URL: nats.url, DATABASE_URL: databaseUrl } }).ended;
  const doctor = async (databaseUrl: string) => {
    const { code, stdout } = await run(databaseUrl, 'doctor', '--json');
    const findings = JSON.parse(stdout) as { check: string; ok: boolean; detail: string }[];
    return { code, of: (check: string) => findings.find((finding) => finding.check === check)! };
  };

  it('in transaction mode, projections, the API and a replay work on four connections of the server', async () => {
    const lending = await pooler({ settings: { default_pool_size: 4, query_wait_timeout: 20 } });
    const direct = openReadModel({ url: postgres.url, schema: 'crunch_pooled' });
    ending.push(() => direct.close());
    const at = await sampled('pooled');
    const routes = join(folder.path, 'api');
    await mkdir(routes);
    await writeFile(
      join(routes, 'routes.mjs'),
      `export default async (app, { db }) => {
        app.get('/models', () => db.selectFrom('models').selectAll().execute());
        app.get('/path', async () => (await db.executeQuery({ sql: 'show search_path', parameters: [], query: { kind: 'RawNode' } })).rows);
        app.get('/leak', async () => (await db.executeQuery({ sql: 'set default_transaction_read_only = on', parameters: [], query: { kind: 'RawNode' } })).rows);
        app.get('/write', () => db.deleteFrom('models').execute());
      };`,
    );
    const service = project(lending.url, at);
    const api = await report(lending.url, at.namespace, routes);
    const get = async (path: string) => (await fetch(`${api.url}${path}`)).status;
    await service.caughtUp();
    for (const path of [
      '/readyz',
      '/reports/models',
      '/reports/leaderboard',
      '/custom/models',
      '/custom/path',
      '/custom/leak',
    ])
      assert.equal(await get(path), 200, path);
    assert.equal(await get('/custom/write'), 500);

    const { schema } = at.namespace;
    const readModel = openReadModel({ url: lending.url, schema });
    ending.push(() => readModel.close());
    const digest = () => digestTables(readModel.db, schema, { all: true });
    const built = await digest();
    const context = { ...at, databaseUrl: lending.url, logger };
    let other: unknown;
    const result = await replay({
      ...context,
      async onPoint(point) {
        if (point === 'exchanging') other = await replay(context).catch((error: unknown) => error);
      },
    });
    assert.deepEqual([result.failed, result.refused], [[], []]);
    assert.ok(other instanceof ReplayRunning, String(other));
    assert.deepEqual(await digest(), built);
    await append(at.log, sampleLog(5, '2026-11-21T20:00:00.000000Z'));
    await service.caughtUp();
    assert.equal(service.health().state, 'running');

    // What any client would find on the connections it is lent next.
    const left = await sql`select name, setting from pg_settings where source = 'session'
      and name in ('statement_timeout', 'search_path', 'default_transaction_read_only', 'synchronous_commit')`;
    for (let i = 0; i < 6; i++) assert.deepEqual((await left.execute(readModel.db)).rows, []);
    assert.deepEqual((await lending.console('show servers')).length <= 4, true);
  });

  it('statements still end, and those of custom routes cannot write', async () => {
    const { url: databaseUrl } = await pooler();
    const namespace = namespaceOf('limits');
    const limited = openReadModel({ ...reportReading({ databaseUrl, namespace }), statementTimeoutMs: 100 });
    const reading = openReadModel(customRoutesReading({ databaseUrl, namespace }));
    ending.push(
      () => limited.close(),
      () => reading.close(),
    );
    await assert.rejects(sql`select pg_sleep(20)`.execute(limited.db), { code: '57014' });
    assert.deepEqual((await sql`select 1 as one`.execute(limited.db)).rows, [{ one: 1 }]);
    for (const db of [reading.db, limited.db]) {
      const { rows } = await sql<{ t: string; s: string }>`select current_setting('statement_timeout') as t,
        current_setting('transaction_read_only') as s`.execute(db);
      assert.deepEqual(rows, [db === reading.db ? { t: '15s', s: 'on' } : { t: '100ms', s: 'off' }]);
    }
    await assert.rejects(sql`create table public.sneaky (a int)`.execute(reading.db), { code: '25006' });
    await assert.rejects(
      reading.db.transaction().execute((trx) => sql`create table public.sneaky (a int)`.execute(trx)),
      { code: '25006' },
    );
  });

  it('a setting that another client has left there is not taken for a failover', async () => {
    const { url } = await pooler({ settings: { default_pool_size: 1 } });
    const leaking = new pg.Client(url);
    await leaking.connect();
    await leaking.query('set default_transaction_read_only = on');
    const service = project(url, await sampled('leaked'));
    const detail = () => service.health().detail;
    await until('it to wait', () => /a client that shared the connection/.test(detail()), {
      ...DEADLINE,
      seen: detail,
    });
    await leaking.query('reset default_transaction_read_only');
    await leaking.end();
    await service.caughtUp();
  });

  it('in session mode everything works as well', async () => {
    const { url } = await pooler({ poolMode: 'session' });
    const { code, of } = await doctor(url);
    assert.match(of('Postgres').detail, /^18\.\d+ .*through a pooler/);
    assert.equal(of('Postgres').ok, true);
    assert.equal(code, 0);
  });

  it('a configuration that cannot work is reported by the doctor, by the API and by projections', async () => {
    const statements = await pooler({ poolMode: 'statement' });
    const lending = await pooler();
    const wrong = (change: (url: URL) => void): string => {
      const url = new URL(lending.url);
      change(url);
      return url.href;
    };
    const cases = [
      [statements.url, /pool_mode = transaction/],
      [wrong((url) => url.searchParams.set('options', '-c search_path=x')), /start-up parameter options/],
      [wrong((url) => url.searchParams.set('statement_timeout', '5')), /start-up parameter statement_timeout/],
      [wrong((url) => (url.password = 'wrong')), /user or password/],
      [wrong((url) => (url.pathname = '/nowhere')), /no such database/],
      [wrong((url) => url.searchParams.set('sslmode', 'require')), /has no TLS/],
    ] as const;
    for (const [url, remedy] of cases) {
      const api = await report(url);
      const answer = await fetch(`${api.url}/reports/models`);
      const { detail } = (await answer.json()) as { detail: string };
      assert.match(detail, remedy);
      assert.doesNotMatch(detail, /try again/);
      assert.deepEqual([answer.status, answer.headers.get('retry-after')], [500, null]);
      await until('its health to report it', () => remedy.test(api.health().detail), DEADLINE);
      await api.stop();
    }
    const service = project(statements.url, await sampled('statements'));
    const { detail } = { detail: () => service.health().detail };
    await until('projections to report it', () => /pool_mode = transaction/.test(detail()), {
      ...DEADLINE,
      seen: detail,
    });
    assert.equal(service.health().state, 'waiting');
    const { code, of } = await doctor(statements.url);
    assert.equal(code, 1);
    assert.match(of('Postgres').detail, /pool_mode = transaction/);
  });
});
