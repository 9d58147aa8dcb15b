import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { openDuck } from '@crunch-node/archive';
import { type BackfillJob, foldBackfill } from '@crunch-node/domain';
import { tempDir } from '@crunch-node/embedded';
import { lookUntil, type NatsServer, privateNats, until } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { type FakeBinance, klineRow, startFakeBinance } from '@crunch-node/feeds/testing';
import { CommandRefused, createLogger, eventsIn, type Service, sendCommand } from '@crunch-node/service';
import { freshNamespace } from '@crunch-node/service/testing';
import { allStreams, type BackfillRequested, backfills, type JsonObject } from '@crunch-node/streams';
import { type BackfillOptions, startBackfill } from './index.ts';

const DAY = 86_400_000;
const PATIENT = { deadlineMs: 60_000 };
const START = Date.parse('2024-01-01T00:00:00Z');
const ORDER = {
  source: 'binance',
  subject: 'BTCUSDT',
  kind: 'candle',
  granularity: '1m',
  start: '2024-01-01T00:00:00.000000Z',
  end: '2024-01-03T23:59:00.000000Z',
};
const IMPATIENT = { tries: 3, firstPauseMs: 1, longestPauseMs: 2 };

describe('a backfill', () => {
  let server: NatsServer;
  let binance: FakeBinance;
  let folder: Awaited<ReturnType<typeof tempDir>>;
  let log: EventLog;
  let service: Service | undefined;
  let dataDir: string;
  let runs = 0;

  before(async () => {
    server = await privateNats();
    binance = await startFakeBinance();
    folder = await tempDir('crunch-backfill-');
  });
  beforeEach(async () => {
    await service?.stop();
    service = undefined;
    await log?.close();
    log = await connectLog({ url: server.url, namespace: freshNamespace() });
    await log.ensureStreams(allStreams);
    dataDir = join(folder.path, String(runs++));
    for (const subject of ['BTCUSDT', 'ETHUSDT', 'BNBUSDT']) {
      const rows = Array.from({ length: 3 * 1440 }, (_, i) => klineRow(START + i * 60_000, 60_000, 100 + i));
      binance.klines.set(subject, rows);
    }
    binance.answers.length = 0;
    binance.requests.length = 0;
  });
  after(async () => {
    await service?.stop();
    await log?.close();
    await binance.stop();
    await server.stop();
    await folder.remove();
  });

  const feed = (restUrl = binance.restUrl) => ({
    provider: 'binance',
    subjects: ['BTCUSDT'],
    kind: 'candle',
    granularity: '1m',
    window: 120,
    backfill_minutes: 180,
    options: { rest_url: restUrl },
  });
  function start(options: Partial<BackfillOptions> = {}): void {
    const logger = createLogger('silent');
    service = startBackfill({ log, logger, feed: feed(), dataDir, patience: IMPATIENT, ...options });
  }
  /** No command is answered until the lease is taken. */
  async function send(name: string, body: JsonObject) {
    return until('an answer', async () => {
      try {
        return await sendCommand<BackfillRequested>(log, `backfills.${name}`, body);
      } catch (error) {
        if (error instanceof CommandRefused && error.status === 503) return null;
        throw error;
      }
    });
  }
  const request = async (more: JsonObject = {}): Promise<string> =>
    (await send('request', { ...ORDER, ...more })).event.data.job_id;
  const refused =
    (code: number, detail = /./) =>
    (error: unknown) => {
      assert.ok(error instanceof CommandRefused, String(error));
      assert.equal(error.status, code, error.message);
      assert.match(error.message, detail);
      return true;
    };

  async function jobOf(id: string): Promise<BackfillJob> {
    let job: BackfillJob | null = null;
    for (const event of await eventsIn(log, backfills)) {
      if (event.data.job_id === id) job = foldBackfill(job, event);
    }
    assert.ok(job);
    return job;
  }
  const ended = (id: string): Promise<BackfillJob> =>
    lookUntil(
      () => jobOf(id),
      ({ status }) => status !== 'pending' && status !== 'running',
      PATIENT,
    );
  const names = (subject = 'BTCUSDT') => readdir(join(dataDir, 'binance', subject, 'candle', '1m'));
  async function count(subject = 'BTCUSDT'): Promise<number> {
    const duck = openDuck(dataDir, { threads: 1, memoryMb: 128 });
    const connection = await duck.connect();
    const reader = await connection.runAndReadAll(
      `select count(*) from read_parquet('${dataDir}/binance/${subject}/candle/1m/*.parquet')`,
    );
    connection.closeSync();
    duck.close();
    return Number(reader.getRows()[0]?.[0]);
  }

  it('fills days from the past of a provider', async () => {
    start();
    const id = await request();
    const job = await ended(id);
    assert.deepEqual(
      [job.status, job.error, job.records_written, job.pages_fetched, job.cursor, job.gap_count, job.notices],
      ['completed', null, 4320, 5, ORDER.end, 0, []],
    );
    assert.deepEqual(await names(), ['2024-01-01.parquet', '2024-01-02.parquet', '2024-01-03.parquet']);
    assert.equal(await count(), 4320);
  });

  it('reports the gaps in what it fetched', async () => {
    const rows = binance.klines.get('BTCUSDT')!;
    rows.splice(1_500, 10);
    rows.splice(100, 1);
    start();
    const job = await ended(await request());
    const at = (minute: number) => new Date(START + minute * 60_000).toISOString().replace('Z', '000Z');
    assert.deepEqual(job.gaps, [
      { start: at(100), end: at(100), missing: 1 },
      { start: at(1500), end: at(1509), missing: 10 },
    ]);
  });

  it('fails when the provider cannot be reached, and continues on a retry', async () => {
    // The server at that address has stopped.
    const gone = await startFakeBinance();
    await gone.stop();
    start({ feed: feed(gone.restUrl) });
    const id = await request();
    const job = await ended(id);
    assert.equal(job.status, 'failed');
    assert.match(job.error ?? '', /binance did not answer after 3 tries: .*ECONNREFUSED/);
    assert.equal(job.records_written, 0);

    await service?.stop();
    start();
    await send('retry', { job_id: id });
    const again = await ended(id);
    assert.deepEqual([again.status, again.attempt, again.error, again.records_written], ['completed', 2, null, 4320]);
    await assert.rejects(send('retry', { job_id: id }), refused(409, /completed/));
  });

  it('retries a page, also after being asked to wait', async () => {
    binance.answers.push({ status: 500, body: {} }, { status: 429, headers: { 'retry-after': '0' }, body: {} });
    start();
    const job = await ended(await request());
    assert.deepEqual([job.status, job.records_written], ['completed', 4320]);
    assert.equal(binance.requests.length, 7);
  });

  it('does not try again what is refused for good', async () => {
    start();
    const job = await ended(await request({ subject: 'NOPE' }));
    assert.equal(job.status, 'failed');
    assert.match(job.error ?? '', /after 1 try: .*-1121.*Invalid symbol/);
    assert.equal(binance.requests.length, 1);
  });

  it('refuses up front what cannot become a backfill', async () => {
    start();
    const cases: readonly [JsonObject, RegExp][] = [
      [{ source: 'nobody' }, /expected a feed provider of .*binance/],
      [{ source: 'replay' }, /./],
      [{ source: 'synthetic' }, /no history/],
      [{ kind: 'depth' }, /./],
      [{ granularity: '7m' }, /granularity/],
      [{ granularity: '../../x' }, /granularity: expected letters/],
      [{ subject: '..' }, /subject: expected letters/],
      [{ subject: '.hidden' }, /subject/],
      [{ subject: 7 }, /subject: expected a text/],
      [{ start: ORDER.end, end: ORDER.start }, /start: expected it before end/],
      [{ start: ORDER.end }, /before end/],
      [{ start: 'yesterday' }, /start: expected a time/],
      [{ end: '2999-01-01T00:00:00.000000Z' }, /expected times/],
      [{ page_size: 0 }, /page_size/],
    ];
    for (const [more, detail] of cases) await assert.rejects(request(more), refused(422, detail), JSON.stringify(more));
    assert.equal((await log.info(backfills)).lastSequence, 0);
  });

  it('is one at a time for a feed, and does not hinder others', async () => {
    // Failing pages delay the first job, so that all requests come while it runs.
    const slow = await startFakeBinance();
    binance.answers.push(...Array.from({ length: 2 }, () => ({ status: 500, body: {} })));
    start({ patience: { tries: 3, firstPauseMs: 50, longestPauseMs: 100 } });
    const first = await request();
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => request({ subject: 'ETHUSDT' })));
    const won = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    assert.equal(won.length, 1);
    for (const result of results) if (result.status === 'rejected') refused(409, /follow it to its end/)(result.reason);
    const jobs = await Promise.all([ended(first), ended(won[0]!), request({ subject: 'BNBUSDT' }).then(ended)]);
    assert.deepEqual(
      jobs.map(({ status }) => status),
      ['completed', 'completed', 'completed'],
    );
    assert.equal(await count('ETHUSDT'), 4320);
    await slow.stop();
  });

  it('can be cancelled, keeps what it has, and can be taken up again', async () => {
    const many = Array.from({ length: 40 }, () => ({ status: 500, body: {} }));
    start({ patience: { tries: 1_000, firstPauseMs: 5, longestPauseMs: 5 }, flushMs: 0 });
    await assert.rejects(send('cancel', { job_id: 'none' }), refused(404));
    const id = await request({ page_size: 100 });
    await until('a first page', async () => (await jobOf(id)).records_written > 0);
    binance.answers.push(...many, ...many, ...many);
    await send('cancel', { job_id: id });
    const job = await ended(id);
    assert.equal(job.status, 'cancelled');
    assert.ok(job.records_written > 0 && job.records_written < 4320);
    assert.ok((await count()) >= job.records_written);
    await assert.rejects(send('cancel', { job_id: id }), refused(409, /nothing to cancel/));
    binance.answers.length = 0;
    await send('retry', { job_id: id });
    assert.equal((await ended(id)).status, 'completed');
    assert.equal(await count(), 4320);
  });

  it('moves unreadable messages aside and reports them', async () => {
    const feedDir = join(dataDir, 'binance/BTCUSDT/candle/1m');
    await mkdir(feedDir, { recursive: true });
    await writeFile(join(feedDir, '2024-01-02.parquet'), 'not at all');
    start();
    const job = await ended(await request());
    assert.equal(job.status, 'completed');
    assert.match(job.notices.join(), /2024-01-02\.parquet\.unreadable-\w+ could not be read: it was moved aside/);
    assert.equal(await count(), 4320);
  });

  it('counts rows that are no records', async () => {
    binance.klines.get('BTCUSDT')![5] = [START + 5 * 60_000, '3', '1', '2', '1', '1', START + 6 * 60_000 - 1];
    start();
    const job = await ended(await request());
    assert.deepEqual([job.status, job.records_written, job.gap_count], ['completed', 4319, 1]);
    assert.match(job.notices.join(), /1 row was no record \(high_below_low\)/);
  });

  it('ends at a day that has not come', async () => {
    binance.klines.set('BTCUSDT', [klineRow(START, 60_000, 5)]);
    start();
    const job = await ended(
      await request({
        start: new Date(START).toISOString().replace('Z', '000Z'),
        end: new Date(START + DAY).toISOString().replace('Z', '000Z'),
      }),
    );
    assert.deepEqual([job.status, job.records_written, job.gap_count], ['completed', 1, 1]);
  });
});
