import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startBackfill } from '@crunch-node/backfill';
import { defineCrunch } from '@crunch-node/config';
import { tempDir } from '@crunch-node/embedded';
import { lookUntil, privateNats, privatePostgres, until } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { type FakeBinance, klineRow, startFakeBinance } from '@crunch-node/feeds/testing';
import { startProject } from '@crunch-node/project';
import { type ReportService, startReport } from '@crunch-node/report';
import { createLogger } from '@crunch-node/service';
import { freshNamespace } from '@crunch-node/service/testing';
import {
  allStreams,
  instantOfMillis,
  LeaderboardRanked,
  leaderboards,
  millisOf,
  natsSubjectIn,
} from '@crunch-node/streams';
import { runCli } from '../packages/cli/src/testing/run-cli.ts';

const START = Date.parse('2024-01-01T00:00:00Z');
const ORDER = {
  source: 'binance',
  subject: 'BTCUSDT',
  kind: 'candle',
  granularity: '1m',
  start: '2024-01-01',
  end: '2024-01-02T23:59:00Z',
};
const PATIENT = { deadlineMs: 60_000 };

interface Job extends Record<string, unknown> {
  readonly id: string;
  readonly status: string;
}

describe('backfills over HTTP', () => {
  const closers: (() => Promise<unknown>)[] = [];
  let binance: FakeBinance;
  let report: ReportService;
  let log: EventLog;

  before(async () => {
    const folder = await tempDir('crunch-backfill-http-');
    closers.push(() => folder.remove());
    const [nats, postgres] = await Promise.all([privateNats(), privatePostgres()]);
    closers.push(
      () => nats.stop(),
      () => postgres.stop(),
    );
    binance = await startFakeBinance();
    closers.push(() => binance.stop());
    for (const symbol of ['BTCUSDT', 'ETHUSDT', 'SOLUSDT']) {
      binance.klines.set(
        symbol,
        Array.from({ length: 2 * 1440 }, (_, i) => klineRow(START + i * 60_000, 60_000, 100 + i)),
      );
    }
    const namespace = freshNamespace();
    log = await connectLog({ url: nats.url, namespace });
    closers.push(() => log.close());
    await log.ensureStreams(allStreams);
    const logger = createLogger('silent');
    const config = defineCrunch({});
    const feed = { ...config.feed, provider: 'binance', options: { rest_url: binance.restUrl } };
    const patience = { tries: 20, firstPauseMs: 5, longestPauseMs: 20 };
    const backfill = startBackfill({ log, logger, feed, dataDir: folder.path, patience, pageSize: 200 });
    closers.push(() => backfill.stop());
    const project = startProject({ log, databaseUrl: postgres.url, namespace, logger });
    closers.push(() => project.stop());
    report = await startReport({
      databaseUrl: postgres.url,
      namespace,
      config,
      log,
      host: '127.0.0.1',
      port: 0,
      version: '0.1.0',
      logger,
      archive: { dir: folder.path },
    });
    closers.push(() => report.stop());
    await until('jobs', async () => (await get('/reports/backfill/jobs')).status === 200, PATIENT);
    await until('an owner', async () => (await post('/reports/backfill/jobs/none/cancel')).status === 404, PATIENT);
  });
  after(async () => {
    for (const close of closers.reverse()) await close();
  });

  const get = (path: string) => fetch(`${report.url}${path}`);
  const post = (path: string, body?: unknown) =>
    fetch(`${report.url}${path}`, {
      method: 'POST',
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  const json = async <T>(response: Promise<Response>, status = 200): Promise<T> => {
    const answer = await response;
    const text = await answer.text();
    assert.equal(answer.status, status, text);
    return JSON.parse(text) as T;
  };
  const ended = (id: string): Promise<Job> =>
    lookUntil(
      () => json<Job>(get(`/reports/backfill/jobs/${id}`)),
      ({ status }) => status !== 'pending' && status !== 'running',
      PATIENT,
    );

  it('return the job, show its progress, and serve what it fetched', async () => {
    const made = await json<Job>(post('/reports/backfill', ORDER), 201);
    const { id, created_at, updated_at, ...rest } = made;
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.match(String(created_at), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/);
    assert.equal(updated_at, created_at);
    assert.deepEqual(rest, {
      source: 'binance',
      subject: 'BTCUSDT',
      kind: 'candle',
      granularity: '1m',
      start_ts: '2024-01-01T00:00:00Z',
      end_ts: '2024-01-02T23:59:00Z',
      cursor_ts: '2024-01-01T00:00:00Z',
      records_written: 0,
      pages_fetched: 0,
      status: 'pending',
      error: null,
    });
    const job = await ended(id);
    assert.deepEqual(
      [job.status, job.progress_pct, job.records_written, job.pages_fetched, job.gap_count, job.eta_seconds],
      ['completed', 100, 2880, 15, 0, null],
    );
    const list = await json<Job[]>(get('/reports/backfill/jobs?status=completed'));
    assert.deepEqual(Object.keys(list[0] ?? {}).sort(), Object.keys(made).sort());
    assert.deepEqual(await json(get('/reports/backfill/jobs?status=failed')), []);
    const index = await json<{ path: string; records: number }[]>(get('/data/backfill/index'));
    assert.deepEqual(
      index.map(({ path, records }) => [path, records]),
      [
        ['binance/BTCUSDT/candle/1m/2024-01-01.parquet', 1440],
        ['binance/BTCUSDT/candle/1m/2024-01-02.parquet', 1440],
      ],
    );
    const last = await json<unknown[]>(
      get('/data/backfill/binance/BTCUSDT/candle/1m?start=2024-01-02T23:59:00Z&columns=ts_event,close'),
    );
    assert.deepEqual(last, [{ ts_event: '2024-01-02T23:59:00Z', close: 2979 }]);
    assert.deepEqual(await json(get('/reports/backfill/feeds')), await json(get('/reports/feeds')));
  });

  it('make one job of many requests for a feed at a time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post('/reports/backfill', { ...ORDER, subject: 'ETHUSDT' })),
    );
    const statuses = answers.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [201, ...Array.from({ length: 7 }, () => 409)]);
    const refusal = (await answers.find(({ status }) => status === 409)!.json()) as { detail: string };
    assert.match(refusal.detail, /job [0-9a-f-]{36} for binance\/ETHUSDT\/candle\/1m is (pending|running)/);
    const { id } = (await answers.find(({ status }) => status === 201)!.json()) as Job;
    assert.equal((await ended(id)).status, 'completed');
  });

  it('fetch what a participant runs a backtest over, who is compared with the leaderboard', async () => {
    const cycle_end = instantOfMillis(START + 86_400_000);
    const [better, worse] = [1e9, -1e9].map((value, i) => ({
      rank: i + 1,
      model_id: `ranked-${i}`,
      score: { metrics: { score_recent: value }, ranking: { key: 'score_recent', value, direction: 'desc' as const } },
    }));
    const ranked = LeaderboardRanked.at(cycle_end, {
      leaderboard_id: `LBR_${millisOf(cycle_end)}`,
      cycle_end,
      entries: [better!, worse!],
      ensembles: [],
    });
    const publisher = log.publisher();
    await publisher.append(leaderboards, { event: ranked, natsSubject: natsSubjectIn(leaderboards, ranked) });
    await publisher.close();
    const shown = async () => (await json<unknown[]>(get('/reports/leaderboard'))).length === 2;
    await until('the leaderboard', shown, PATIENT);

    const cwd = await tempDir('crunch-backtest-');
    closers.push(() => cwd.remove());
    await writeFile(
      join(cwd.path, 'steady.ts'),
      'export class Steady { feedUpdate() {} predict() { return { value: 0.5 }; } }',
    );
    const options = ['--against', 'leaderboard', '--to', '2024-01-01T01:00:00Z', '--jobs', '1', '--no-checks'];
    const command = ['backtest', 'steady.ts', '--demo', '--archive', report.url, ...options];
    const { code, stdout, stderr } = await runCli(command, { cwd: cwd.path }).ended;
    assert.equal(code, 0, stderr);
    // A minute's candle counts by when it opens: an hour of two assets.
    assert.match(stdout, /^120 records, 120 rounds/m);
    assert.match(stdout, /steady would be number 2 of 3/);
    const cached = await readdir(join(cwd.path, '.cache', 'backtest'), { recursive: true });
    assert.equal(cached.filter((name) => name.endsWith('2024-01-01.parquet')).length, 2);
  });

  it('can be cancelled and retried', async () => {
    binance.answers.push(...Array.from({ length: 10 }, () => ({ status: 500, body: {} })));
    const { id } = await json<Job>(
      post('/reports/backfill', { ...ORDER, subject: 'SOLUSDT', start: START / 1000 }),
      201,
    );
    assert.equal((await json<Job>(post(`/reports/backfill/jobs/${id}/cancel`))).status, 'cancelled');
    await json(post(`/reports/backfill/jobs/${id}/cancel`), 409);
    binance.answers.length = 0;
    const again = await json<Job>(post(`/reports/backfill/jobs/${id}/retry`));
    assert.deepEqual([again.id, again.attempt], [id, 2]);
    const job = await ended(id);
    assert.deepEqual([job.status, job.records_written], ['completed', 2880]);
    await json(post(`/reports/backfill/jobs/${id}/retry`), 409);
  });

  it('refuse an invalid order', async () => {
    const bodies: readonly [unknown, RegExp][] = [
      [{}, /start: expected a time/],
      [{ ...ORDER, start: undefined }, /start/],
      [{ ...ORDER, end: 'tomorrow' }, /end: expected an ISO date/],
      [{ ...ORDER, start: '2024-01-03', end: '2024-01-03' }, /before end/],
      [{ ...ORDER, source: 'nobody' }, /provider/],
      [{ ...ORDER, source: '../x' }, /source: expected letters/],
      [{ ...ORDER, granularity: '../../x' }, /granularity: expected letters/],
      [{ ...ORDER, kind: null }, /kind: expected a text/],
      [[], /object/],
      [7, /object/],
    ];
    for (const [body, detail] of bodies) {
      const refusal = await json<{ detail: string }>(post('/reports/backfill', body), 422);
      assert.match(refusal.detail, detail);
    }
    await json(get('/reports/backfill/jobs/none'), 404);
    await json(post('/reports/backfill/jobs/none/retry'), 404);
  });
});
