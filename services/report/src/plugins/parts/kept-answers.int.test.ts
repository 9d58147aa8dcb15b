import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type Postgres, privatePostgres } from '@crunch-node/embedded/testing';
import { createReadModel, openReadModel, type ReadModel, streamOfProjection } from '@crunch-node/projections';
import { fill, sampleLog } from '@crunch-node/projections/testing';
import { createLogger } from '@crunch-node/service';
import { addSeconds, type Instant, isClosing } from '@crunch-node/streams';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { createApp } from '../../app.ts';
import { reportConfig } from '../../testing/report-config.ts';
import { standAt } from '../../testing/stand-at.ts';

const start: Instant = '2026-11-21T19:00:00.000000Z';
const MINUTES = 40;
const log = sampleLog(MINUTES, start);
const span = `start=${start}`;
/** Charts as they are requested, thinned and whole, with a start that moves with the time and one that does not. */
const asked = (now: Instant): string[] => {
  const moving = `start=${addSeconds(now, -900)}`;
  return [
    `models/global?${span}`,
    `models/global?${moving}&include_ensembles=true`,
    `models/global?${span}&points=5`,
    `models/global?${moving}&limit=9`,
    `models/metrics?${span}&points=30`,
    `models/params?${span}&points=7`,
    `models/params?${moving}`,
    `predictions?${span}`,
    `predictions?${moving}&points=12`,
    `predictions?${span}&status=scored&points=6`,
    `ensemble/history?${span}`,
    `checkpoints/rewards?${span}`,
  ].map((path) => `/reports/${path}`);
};

describe('answers of kept parts', () => {
  let postgres: Postgres;
  let readModel: ReadModel;
  let now = start;
  const apps: FastifyInstance[] = [];
  before(async () => {
    postgres = await privatePostgres();
    readModel = openReadModel({ url: postgres.url, schema: 'crunch' });
    await createReadModel(readModel.db, readModel.schema);
    for (const cacheBytes of [1_000_000, 0])
      apps.push(
        await createApp({
          db: readModel.db,
          config: reportConfig,
          version: '0.1.0',
          logger: createLogger('silent'),
          corsOrigins: ['*'],
          now: async () => now,
          freshness: { cacheBytes },
        }),
      );
  });
  after(async () => {
    await Promise.all(apps.map((app) => app.close()));
    await readModel?.close();
    await postgres?.stop();
  });

  /** The first events of the log are in the tables, and the positions of the projections are theirs. */
  async function reach(events: number): Promise<void> {
    const applied = log.slice(0, events);
    await fill(readModel, applied);
    now = addSeconds(applied.at(-1)!.event.at, 20);
    for (const [projection, stream] of streamOfProjection) {
      const own = applied.filter((one) => one.stream.name === stream).map(({ event }) => event);
      const closed = own.filter(isClosing).at(-1)?.data.end;
      const writer = { snapshots: 'snapshot', leaderboards: 'rank' }[projection] ?? '0';
      const closings = closed === undefined ? {} : { [writer]: closed };
      await standAt(readModel, { [projection]: own.length }, own.at(-1)?.at ?? null, closings);
    }
  }

  it('are those made of the tables alone, at each step of a growing log', async () => {
    // Also between the closings of a cycle: what its stages publish comes one after the other.
    for (let events = 30; events <= log.length; events += 41) {
      await reach(events);
      for (const url of asked(now)) {
        const [kept, fresh] = await Promise.all(apps.map((app) => app.inject({ url })));
        assert.equal(kept?.statusCode, 200, `${url}: ${kept?.body}`);
        assert.equal(kept?.body, fresh?.body, `${url} after ${events} events`);
        assert.equal(kept?.headers['x-crunch-thinned'], fresh?.headers['x-crunch-thinned'], url);
        const compressed = await apps[0]!.inject({ url, headers: { 'accept-encoding': 'gzip' } });
        if (compressed.headers['content-encoding'] === 'gzip')
          assert.equal(gunzipSync(compressed.rawPayload).toString(), fresh?.body, url);
      }
    }
  });

  it('are none of tables that others have taken the place of, at the same positions', async () => {
    await reach(log.length);
    const url = `/reports/models/global?${span}`;
    const [kept] = await Promise.all(apps.map((app) => app.inject({ url })));
    // As an exchange of generations does, with a log and a version that are the same.
    await sql`begin; create schema other; alter table crunch.snapshots set schema other;
      create table crunch.snapshots (like other.snapshots including all);
      insert into crunch.snapshots select * from other.snapshots;
      update crunch.snapshots set result_summary = '{"value": 7}';
      update crunch.positions set sequence = sequence where projection = 'snapshots'; commit`.execute(readModel.db);
    const [changed, fresh] = await Promise.all(apps.map((app) => app.inject({ url })));
    assert.notEqual(changed?.body, kept?.body);
    assert.equal(changed?.body, fresh?.body);
  });
});
