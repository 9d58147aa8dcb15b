import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { type NatsServer, type Postgres, privateNats, privatePostgres, until } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { createReadModel, openReadModel, type ReadModel } from '@crunch-node/projections';
import { fill, sampleLog } from '@crunch-node/projections/testing';
import { createLogger } from '@crunch-node/service';
import { freshNamespace } from '@crunch-node/service/testing';
import { leaderboards, type Namespace, signals } from '@crunch-node/streams';
import { type ReportService, startReport } from '../start.ts';
import { type Listener, listen } from '../testing/listener.ts';
import { type LiveLog, liveLog } from '../testing/live-log.ts';
import { reportConfig } from '../testing/report-config.ts';
import type { LiveLimits } from './limits.ts';

const SOON = { deadlineMs: 60_000 };

describe('live events', () => {
  let nats: NatsServer;
  let postgres: Postgres;
  let namespace: Namespace;
  let log: EventLog;
  let newsroom: LiveLog;
  let readModel: ReadModel;
  let report: ReportService;
  let listeners: Listener[] = [];

  before(async () => {
    [nats, postgres] = await Promise.all([privateNats(), privatePostgres()]);
  });
  after(async () => {
    await postgres?.stop();
    await nats?.stop();
  });
  beforeEach(async () => {
    namespace = freshNamespace();
    log = await connectLog({ url: nats.url, namespace });
    await log.ensureStreams([leaderboards, signals]);
    newsroom = liveLog(log);
    readModel = openReadModel({ url: postgres.url, schema: namespace.schema });
    await createReadModel(readModel.db, readModel.schema);
    await fill(readModel, sampleLog(3));
    await serve();
  });
  afterEach(async () => {
    await Promise.all(listeners.map((listener) => listener.leave()));
    listeners = [];
    await report.stop();
    await readModel.close();
    await log.close();
  });

  async function serve(live: Partial<LiveLimits> = {}): Promise<void> {
    report = await startReport({
      databaseUrl: postgres.url,
      namespace,
      log,
      config: { ...reportConfig, ensembles: [{ name: 'main', enabled: true } as never] },
      host: '127.0.0.1',
      port: 0,
      version: '0.1.0',
      logger: createLogger('silent'),
      live,
    });
  }
  async function serveAgain(live: Partial<LiveLimits> = {}): Promise<void> {
    await report.stop();
    await serve(live);
  }

  function receive(path: string, after?: number): Listener {
    const listener = listen(() => `${report.url}${path}`, after === undefined ? {} : { after });
    listeners.push(listener);
    return listener;
  }
  const receivedAll = (listener: Listener, count: number) =>
    until(`${count} events`, () => listener.ids().length >= count, SOON);

  it('begin with the current ranking, then send each new one, as the report shows it', async () => {
    await newsroom.ranked(1);
    const current = await newsroom.ranked(2);
    const listener = receive('/live/leaderboard');
    await receivedAll(listener, 1);
    const next = await newsroom.ranked(3);
    await receivedAll(listener, 2);
    assert.deepEqual(listener.ids(), [current, next]);
    const { event, data } = listener.received[1]!;
    assert.equal(event, 'leaderboard');
    assert.equal(data.cycle_end, '2026-11-21T19:03:00Z');
    assert.deepEqual((data.entries as unknown[])[0], {
      created_at: '2026-11-21T19:03:00Z',
      model_id: '1',
      score_metrics: { score_recent: 3 },
      score_ranking: { key: 'score_recent', value: 3, direction: 'desc' },
      score_recent: 3,
      rank: 1,
      model_name: 'model-1',
      cruncher_name: 'Player 1',
      username: 'Player 1',
      status: 'active',
    });
    const all = receive('/live/leaderboard?include_ensembles=true');
    await receivedAll(all, 1);
    const entries = all.received[0]!.data.entries as { model_id: string; model_name: string; status: string }[];
    assert.deepEqual(
      entries.map(({ model_id, model_name, status }) => [model_id, model_name, status]),
      [
        ['1', 'model-1', 'active'],
        ['__ensemble_main__', 'main', 'active'],
        ['unheard-of', null, 'inactive'],
      ],
    );
  });

  it('send everything once and in order, over restarts of the API and of the log', async () => {
    const first = await newsroom.ranked(1);
    const fresh = receive('/live/leaderboard');
    const back = receive('/live/leaderboard', first);
    await Promise.all([receivedAll(fresh, 1)]);
    const published: number[] = [];
    for (let n = 2; n <= 40; n++) {
      published.push(await newsroom.ranked(n));
      if (n % 12 === 0) await serveAgain();
      if (n === 20) {
        await nats.kill();
        await nats.restart();
      }
    }
    await Promise.all([receivedAll(fresh, 40), receivedAll(back, 39)]);
    assert.deepEqual(fresh.ids(), [first, ...published]);
    assert.deepEqual(back.ids(), published);
    assert.ok(fresh.connections() >= 2); // how many times it came back depends on how quick it was
  });

  it('send one ensemble, or one scope of it, from where a client was', async () => {
    const published = [
      await newsroom.signalled(1),
      await newsroom.signalled(1, 'other'),
      await newsroom.signalled(1, 'main', 'eth'),
    ];
    await newsroom.closeSignals(1);
    const late = await newsroom.signalled(1, 'main', 'late');
    published.push(await newsroom.signalled(2));
    const all = receive('/live/signals/main?last_event_id=0');
    const eth = receive('/live/signals/main?scope_key=eth&last_event_id=0');
    const next = receive('/live/signals/main');
    await until('three listeners', () => next.connections() === 1, SOON);
    await Promise.all([receivedAll(all, 3), receivedAll(eth, 1)]);
    published.push(await newsroom.signalled(3));
    await Promise.all([receivedAll(all, 4), receivedAll(next, 1)]);
    assert.deepEqual(all.ids(), [published[0], published[2], published[3], published[4]]);
    assert.ok(!all.ids().includes(late), 'its cycle was closed');
    assert.deepEqual(eth.ids(), [published[2]]);
    assert.deepEqual(next.ids(), [published[4]]);
    assert.deepEqual(next.received[0]!.data.signal, { value: 3 });
    assert.equal((await fetch(`${report.url}/live/signals/nobody`)).status, 404);
  });

  it('report that they cannot resume where a client was', async () => {
    const newest = await newsroom.ranked(1);
    const elsewhere = receive('/live/leaderboard', 1_000_000);
    await receivedAll(elsewhere, 1);
    assert.deepEqual(
      elsewhere.received.map(({ event }) => event),
      ['reset', 'leaderboard'],
    );
    assert.deepEqual(elsewhere.ids(), [newest]);
    await serveAgain({ maxMissed: 10 });
    for (let n = 1; n <= 600; n++) await newsroom.signalled(n);
    const long = receive('/live/signals/main', 0);
    await until('the gap', () => long.received.some(({ event }) => event === 'gap'), SOON);
    const last = await newsroom.signalled(601);
    await until('what comes next', () => long.ids().includes(last), SOON);
    const gap = long.received.find(({ event }) => event === 'gap')!;
    const notification = long.ids();
    assert.deepEqual(notification.filter((id) => id <= (gap.data.after as number)).length, gap.data.after);
    assert.equal(new Set(notification).size, notification.length);
  });

  it('disconnect a slow client with a reason, and let it come back', async () => {
    const big = 'x'.repeat(50_000);
    await serveAgain({ maxBufferedBytes: 100_000, farewellMs: 60_000 });
    const { port, hostname } = new URL(report.url);
    const socket = connect(Number(port), hostname);
    let received = '';
    socket.write('GET /live/signals/main HTTP/1.1\r\nhost: x\r\n\r\n');
    await new Promise<void>((resolve) =>
      socket.once('data', (some) => {
        received += String(some);
        resolve();
      }),
    );
    socket.pause();
    const quick = receive('/live/signals/main');
    await until('the other', () => quick.connections() === 1, SOON);
    const published: number[] = [];
    for (let n = 1; n <= 400; n++) published.push(await newsroom.signalled(n, 'main', 'btc', big));
    await receivedAll(quick, 400);
    assert.deepEqual(quick.ids(), published, 'no other client waits for it');
    socket.on('data', (some) => {
      received += String(some);
    });
    const over = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.resume();
    await over;
    const ids = [...received.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    assert.ok(ids.length < 400, `${ids.length} events`);
    assert.deepEqual(ids, published.slice(0, ids.length));
    assert.match(received, /event: dropped\ndata: .*100000 bytes/);
    const back = receive('/live/signals/main', ids.at(-1));
    await receivedAll(back, 400 - ids.length);
    assert.deepEqual(back.ids(), published.slice(ids.length));
  });

  it('admit so many clients at once, and others when one has left', async () => {
    await serveAgain({ maxConnections: 2 });
    const [one] = [receive('/live/leaderboard'), receive('/live/signals/main')];
    await until('two clients', () => listeners.every((listener) => listener.connections() === 1), SOON);
    const refused = await fetch(`${report.url}/live/leaderboard`);
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get('retry-after'), '5');
    await refused.text();
    await one.leave();
    const third = receive('/live/leaderboard');
    await until('a place', () => third.connections() === 1, SOON);
  });

  it('keep connections alive, moving the position to resume from', async () => {
    await serveAgain({ heartbeatMs: 20 });
    const beats: number[] = [];
    const leaving = new AbortController();
    const answer = await fetch(`${report.url}/live/signals/main`, { signal: leaving.signal });
    assert.equal(answer.headers.get('content-type'), 'text/event-stream; charset=utf-8');
    const other = await newsroom.signalled(1, 'other');
    const decoder = new TextDecoder();
    for await (const chunk of answer.body!) {
      for (const [, id] of decoder.decode(chunk).matchAll(/: alive\nid: (\d+)\n\n/g)) beats.push(Number(id));
      if (beats.includes(other)) break;
    }
    leaving.abort();
  });

  it('end when the server stops, which waits for no client', async () => {
    await newsroom.ranked(1);
    const listener = receive('/live/leaderboard');
    await receivedAll(listener, 1);
    await report.stop();
    await until('the end', () => listener.received.at(-1)?.event === 'end', SOON);
    assert.equal(listener.received.at(-1)?.data.reason, 'the server is stopping');
  });
});
