import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type Postgres, privatePostgres, until } from '@crunch-node/embedded/testing';
import { createReadModel, openReadModel, type ReadModel } from '@crunch-node/projections';
import { fill, sampleLog } from '@crunch-node/projections/testing';
import { createLogger } from '@crunch-node/service';
import { addSeconds, type Instant } from '@crunch-node/streams';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { createApp } from '../../app.ts';
import { reportConfig } from '../../testing/report-config.ts';
import { standAt } from '../../testing/stand-at.ts';

const start: Instant = '2026-11-21T19:00:00.000000Z';
const SOON = { deadlineMs: 30_000 };
const newest: Instant = '2026-11-21T19:10:00.000000Z';

describe('the freshness of responses', () => {
  let postgres: Postgres;
  let readModel: ReadModel;
  let app: FastifyInstance;
  let now: Instant = newest;
  before(async () => {
    postgres = await privatePostgres();
    readModel = openReadModel({ url: postgres.url, schema: 'crunch' });
    await createReadModel(readModel.db, readModel.schema);
    await fill(readModel, sampleLog(10, start));
    await standAt(readModel, {
      leaderboards: 40,
      models: 4,
      snapshots: 30,
      predictions: 20,
      scores: 18,
      checkpoints: 5,
    });
    app = await open({});
  });
  after(async () => {
    await app?.close();
    await readModel?.close();
    await postgres?.stop();
  });

  const open = (freshness: { minSeqWaitMs?: number; cacheBytes?: number }): Promise<FastifyInstance> =>
    createApp({
      db: readModel.db,
      config: reportConfig,
      version: '0.1.0',
      logger: createLogger('silent'),
      corsOrigins: ['*'],
      now: async () => now,
      freshness,
    });
  const get = (url: string, headers: Record<string, string> = {}, of = app) => of.inject({ url, headers });
  const tagOf = ({ headers }: { headers: Record<string, unknown> }): string => String(headers.etag);

  it('shows which projections a response is made of, and their positions', async () => {
    const { headers } = await get('/reports/leaderboard', { origin: 'https://elsewhere.example' });
    assert.equal(headers['x-crunch-projection'], 'leaderboards@3, models@3, signals');
    assert.equal(headers['x-crunch-position'], 'LEADERBOARDS:40, MODELS:4, SIGNALS:0');
    assert.equal(headers['x-crunch-event-time'], `${newest}, ${newest}, -`);
    assert.equal(headers['cache-control'], 'no-cache');
    const exposed = String(headers['access-control-expose-headers']).toLowerCase();
    for (const name of ['etag', 'x-crunch-projection', 'x-crunch-position', 'x-crunch-event-time', 'x-crunch-written'])
      assert.ok(exposed.includes(name), `${name} in ${exposed}`);
  });

  it('is shown by refusals too, which have no tag', async () => {
    const unknown = await get('/reports/models/nobody/diversity');
    assert.equal(unknown.statusCode, 404);
    assert.equal(unknown.headers['x-crunch-position'], 'SNAPSHOTS:30, LEADERBOARDS:40');
    assert.equal(unknown.headers.etag, undefined);
  });

  it('allows 304 without a query while no position has moved', async () => {
    const first = await get('/reports/snapshots');
    await sql`alter table ${sql.id('crunch', 'snapshots')} rename to hidden`.execute(readModel.db);
    try {
      const again = await get('/reports/snapshots', { 'if-none-match': `"other", ${tagOf(first)}` });
      assert.equal(again.statusCode, 304);
      assert.equal(again.body, '');
      assert.equal(again.headers['content-type'], undefined);
      assert.equal(tagOf(again), tagOf(first));
      assert.equal(again.headers['x-crunch-position'], 'SNAPSHOTS:30');
      assert.deepEqual((await get('/reports/snapshots?_=1')).json(), first.json());
      assert.equal((await get('/reports/snapshots?limit=7')).statusCode, 503);
    } finally {
      await sql`alter table ${sql.id('crunch', 'hidden')} rename to snapshots`.execute(readModel.db);
    }
  });

  it('shows new rows as soon as the position has moved, and 304 when they are the same after all', async () => {
    const url = '/reports/checkpoints';
    const first = await get(url);
    await standAt(readModel, { checkpoints: 6 });
    const same = await get(url, { 'if-none-match': tagOf(first) });
    assert.equal(same.statusCode, 304);
    assert.equal(same.headers['x-crunch-position'], 'CHECKPOINTS:6, MODELS:4');
    assert.equal(tagOf(same), tagOf(first));
    await sql`update ${sql.id('crunch', 'checkpoints')} set merkle_root = 'other'`.execute(readModel.db);
    await standAt(readModel, { checkpoints: 7 });
    const changed = await get(url, { 'if-none-match': tagOf(first) });
    assert.equal(changed.statusCode, 200);
    assert.equal(changed.json()[0].merkle_root, 'other');
    assert.notEqual(tagOf(changed), tagOf(first));
    assert.equal((await get(url, { 'if-none-match': '*' })).statusCode, 304);
    assert.equal((await get('/reports/checkpoints/none/payload', { 'if-none-match': '*' })).statusCode, 404);
  });

  it('never allows 304 by the positions when the response depends on the time of the request', async () => {
    const url = '/reports/predictions';
    const first = await get(url);
    assert.equal((await get(url, { 'if-none-match': tagOf(first) })).statusCode, 304);
    now = addSeconds(start, 7 * 86_400 + 200); // the first three minutes have left the week
    try {
      const later = await get(url, { 'if-none-match': tagOf(first) });
      assert.equal(later.statusCode, 200);
      assert.ok(later.json().length < first.json().length);
    } finally {
      now = newest;
    }
    const bounded = await get(`${url}?end=${newest}`);
    assert.equal((await get(`${url}?end=${newest}`, { 'if-none-match': tagOf(bounded) })).statusCode, 304);
  });

  it('has another tag under another configuration or version', async () => {
    const tags = new Set<string>();
    for (const [version, crunch_id] of [
      ['0.1.0', 'starter-challenge'],
      ['0.1.0', 'another'],
      ['0.2.0', 'starter-challenge'],
    ] as const) {
      const other = await createApp({
        db: readModel.db,
        config: { ...reportConfig, crunch_id },
        version,
        logger: createLogger('silent'),
        corsOrigins: ['*'],
        now: async () => now,
      });
      tags.add(tagOf(await get('/reports/leaderboard', {}, other)).split('.')[0]!);
      await other.close();
    }
    assert.equal(tags.size, 3);
  });

  it('treats rebuilt rows as other rows, though their position is the same', async () => {
    const first = await get('/reports/merkle/cycles');
    await sql`delete from ${sql.id('crunch', 'positions')} where projection = 'snapshots'`.execute(readModel.db);
    await sql`update ${sql.id('crunch', 'merkle_cycles')} set snapshot_count = 77`.execute(readModel.db);
    await standAt(readModel, { snapshots: 30 });
    const again = await get('/reports/merkle/cycles', { 'if-none-match': tagOf(first) });
    assert.equal(again.headers['x-crunch-position'], first.headers['x-crunch-position']);
    assert.equal(again.json()[0].snapshot_count, 77);
  });

  it('allows compression for clients that accept it, under the same tag', async () => {
    const plain = await get('/reports/snapshots');
    const { headers, rawPayload } = await get('/reports/snapshots', { 'accept-encoding': 'br;q=1.0, gzip;q=0.8' });
    assert.equal(headers['content-encoding'], 'gzip');
    assert.equal(Number(headers['content-length']), rawPayload.length);
    assert.equal(gunzipSync(rawPayload).toString(), plain.body);
    assert.equal(headers.etag, plain.headers.etag);
    assert.match(String(headers.vary), /Accept-Encoding/);
    const refused = await get('/reports/snapshots', { 'accept-encoding': 'gzip;q=0' });
    assert.equal(refused.headers['content-encoding'], undefined);
  });

  it('keeps responses to requests with a key out of shared caches', async () => {
    const asked: Record<string, string>[] = [{ 'x-api-key': 'k' }, { authorization: 'Bearer k' }];
    for (const headers of asked)
      assert.equal((await get('/reports/snapshots', headers)).headers['cache-control'], 'private, no-cache');
    assert.equal((await get('/reports/snapshots?api_key=k')).headers['cache-control'], 'private, no-cache');
  });

  it('waits for min_seq, and responds when it is reached', async () => {
    assert.equal((await get('/reports/snapshots?min_seq=30')).statusCode, 200);
    const waiting = get('/reports/snapshots?min_seq=SNAPSHOTS:31');
    await standAt(readModel, { snapshots: 31 });
    const answer = await waiting;
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers['x-crunch-position'], 'SNAPSHOTS:31');
    const several = await get('/reports/leaderboard?min_seq=LEADERBOARDS:40,%20MODELS:4,SCORES:999999');
    assert.equal(several.statusCode, 200, 'scores are not what a leaderboard is read from');
  });

  it('shows the position when min_seq is not reached in time', async () => {
    const hasty = await open({ minSeqWaitMs: 50 });
    try {
      const late = await get('/reports/leaderboard?min_seq=LEADERBOARDS:41,MODELS:4', {}, hasty);
      assert.equal(late.statusCode, 503);
      assert.equal(late.headers['retry-after'], '1');
      assert.equal(late.headers['x-crunch-position'], 'LEADERBOARDS:40, MODELS:4, SIGNALS:0');
      assert.match(late.json().detail, /LEADERBOARDS:41.*LEADERBOARDS:40, MODELS:4: try again/);
    } finally {
      await hasty.close();
    }
  });

  it('refuses a min_seq that is not a sequence of a stream', async () => {
    for (const wanted of ['', 'x', '-1', '1.5', 'SCORES:', 'NOWHERE:1', 'leaderboards:1', '1e3', '9'.repeat(16)]) {
      const { statusCode, body } = await get(`/reports/snapshots?min_seq=${wanted}`);
      assert.equal(statusCode, 422, `${wanted}: ${body}`);
    }
    const { statusCode, body } = await get('/reports/leaderboard?min_seq=40');
    assert.equal(statusCode, 422);
    assert.match(body, /LEADERBOARDS, MODELS, SIGNALS/);
  });

  it('is at least what the headers show, under concurrent writes', async () => {
    const stop = new AbortController();
    const { db, schema } = readModel;
    const table = sql.id(schema, 'checkpoints');
    const writing = (async () => {
      for (let sequence = 100; !stop.signal.aborted; sequence++) {
        await db.transaction().execute(async (trx) => {
          await sql`update ${sql.id(schema, 'positions')} set sequence = ${sequence} where projection = 'checkpoints'`.execute(
            trx,
          );
          await sql`update ${table} set merkle_root = ${String(sequence)}`.execute(trx);
        });
      }
    })();
    try {
      const seen = new Set<number>();
      while (seen.size < 25) {
        const answers = await Promise.all(Array.from({ length: 8 }, () => get('/reports/checkpoints/latest')));
        for (const answer of answers) {
          const published = Number(/CHECKPOINTS:(\d+)/.exec(String(answer.headers['x-crunch-position']))?.[1]);
          if (published < 100) continue;
          const shown = Number(answer.json().merkle_root);
          assert.ok(shown >= published, `showed ${shown}, said ${published}`);
          seen.add(published);
          const next = await get(`/reports/checkpoints/latest?min_seq=CHECKPOINTS:${shown}`);
          assert.ok(Number(next.json().merkle_root) >= shown);
        }
      }
    } finally {
      stop.abort();
      await writing;
    }
  });

  it('lets equal requests share one response, also when the first of them leaves', async () => {
    const own = await open({});
    const url = `${await own.listen({ host: '127.0.0.1', port: 0 })}/reports/merkle/cycles?limit=9`;
    const { db, schema } = readModel;
    let release = (): void => undefined;
    let isHeld = false;
    const over = new Promise<void>((resolve) => {
      release = resolve;
    });
    const held = db.transaction().execute(async (trx) => {
      await sql`lock table ${sql.id(schema, 'merkle_cycles')} in access exclusive mode`.execute(trx);
      isHeld = true;
      await over;
    });
    const waiting = (): Promise<number> =>
      sql<{ n: number }>`select count(*) as n from pg_locks where not granted`
        .execute(db)
        .then(({ rows }) => rows[0]?.n ?? 0);
    try {
      await until('the lock', () => isHeld, SOON);
      const leaving = new AbortController();
      const first = fetch(url, { signal: leaving.signal }).catch(() => undefined);
      await until('the first to wait for the table', async () => (await waiting()) === 1, SOON);
      const others = Array.from({ length: 5 }, () => fetch(url));
      leaving.abort();
      await first;
      release();
      await held;
      for (const answer of await Promise.all(others)) {
        assert.equal(answer.status, 200);
        assert.ok(((await answer.json()) as unknown[]).length > 0);
      }
    } finally {
      release();
      await own.close();
    }
  });

  it('is part of every report, and of their description', async () => {
    const paths = app.swagger().paths as Record<string, { get?: { responses: Record<string, { headers?: object }> } }>;
    const unbound = /^\/reports\/schema/;
    for (const [path, { get: operation }] of Object.entries(paths)) {
      if (operation === undefined || !/^\/(reports|signals|tournament|timing)/.test(path) || unbound.test(path))
        continue;
      assert.ok('304' in operation.responses, path);
      assert.ok('X-Crunch-Position' in (operation.responses['200']?.headers ?? {}), path);
    }
  });
});
