/** Readers never see an error or half a table while read models are built, switched, taken back and dropped. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { type ProjectService, startProject } from '@crunch-node/project';
import { latestLeaderboard, listModels, openReadModel, type ReadModel } from '@crunch-node/projections';
import { sampleLog } from '@crunch-node/projections/testing';
import { drop, replay, rollBack } from '@crunch-node/projector';
import { type ReportService, startReport } from '@crunch-node/report';
import { createLogger } from '@crunch-node/service';
import { allStreams, type Event, type Namespace, namespaceOf, type StreamDefinition } from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';
import { sql } from 'kysely';
import pg from 'pg';
import { type Servers, startServers } from './support/servers.ts';

const MINUTES = 120;
const READERS = 3;
const ROUTES = [
  '/reports/leaderboard',
  '/reports/models',
  '/reports/feeds',
  '/reports/snapshots',
  '/reports/checkpoints',
  '/reports/predictions?limit=5',
];

describe('readers during a replay', () => {
  let servers: Servers;
  let namespace: Namespace;
  let log: EventLog;
  let project: ProjectService;
  let report: ReportService;
  let readModel: ReadModel;
  let statements: pg.Client[] = [];
  const logger = createLogger('silent');

  before(async () => {
    servers = await startServers();
    namespace = namespaceOf('readers');
    log = await connectLog({ url: servers.nats.url, namespace });
    await log.ensureStreams(allStreams);
    const publisher = log.publisher();
    await Promise.all(
      sampleLog(MINUTES).map(({ stream, event, obs }) =>
        publisher.append(stream, { event, natsSubject: addressOf(stream, event), ...(obs && { obs }) }),
      ),
    );
    await publisher.close();
    const databaseUrl = servers.postgres.url;
    project = startProject({ log, databaseUrl, namespace, logger });
    await project.caughtUp();
    readModel = openReadModel({ url: databaseUrl, schema: namespace.schema });
    report = await startReport({
      databaseUrl,
      namespace,
      config: reportConfig,
      host: '127.0.0.1',
      port: 0,
      version: '0',
      logger,
    });
    statements = Array.from({ length: READERS }, () => new pg.Client({ connectionString: databaseUrl }));
    await Promise.all(statements.map((client) => client.connect()));
  });
  after(async () => {
    await Promise.all(statements.map((client) => client.end()));
    await report?.stop();
    await project?.stop();
    await readModel?.close();
    await log?.close();
    await servers?.stop();
  });

  const addressOf = (stream: StreamDefinition, { type, data }: Event): string =>
    stream.events.find((definition) => definition.type === type)!.natsSubjectOf(data);

  /** Reads in a loop until stopped. @returns stops it, and resolves with the number of reads */
  function reader(read: () => Promise<void>): () => Promise<number> {
    let over = false;
    const reading = (async () => {
      let count = 0;
      for (; !over || count === 0; count++) await read();
      return count;
    })();
    reading.catch(() => undefined);
    return () => {
      over = true;
      return reading;
    };
  }

  it('get the same from every entry, at every moment', async () => {
    const { db, schema } = readModel;
    const board = JSON.stringify(await latestLeaderboard(db, ['model']));
    const models = JSON.stringify(await listModels(db));
    const queries = async (): Promise<void> => {
      assert.equal(JSON.stringify(await latestLeaderboard(db, ['model'])), board);
      assert.equal(JSON.stringify(await listModels(db)), models);
      const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.id(schema, 'predictions')}`.execute(db);
      assert.equal(rows[0]?.n, 3 * (MINUTES - Math.floor(MINUTES / 7)));
    };
    const bodies = new Map<string, string>();
    const http = async (): Promise<void> => {
      for (const route of ROUTES) {
        const answer = await fetch(report.url + route);
        const body = await answer.text();
        assert.equal(answer.status, 200, `${route}: ${body}`);
        assert.equal(body, bodies.get(route) ?? body, route);
        bodies.set(route, body);
      }
    };
    // Named statements are planned once per connection; views are bound to tables, not to names.
    const prepared = (client: pg.Client, table: string) => async (): Promise<void> => {
      const { rows } = await client.query({ name: `of ${table}`, text: `select count(*)::int as n from ${table}` });
      assert.ok(rows[0].n > 0, table);
      const before = rows[0].n;
      const again = await client.query({ name: `rows of ${table}`, text: `select * from ${table}` });
      assert.equal(again.rowCount, before, table);
    };
    const tables = [`${schema}.scores`, `views_${schema}.predictions`, `views_${schema}.leaderboards`];
    const readers = [
      reader(queries),
      reader(http),
      ...statements.map((client, n) => reader(prepared(client, tables[n % tables.length]!))),
    ];

    const context = { log, databaseUrl: servers.postgres.url, namespace, logger };
    for (let round = 0; round < 2; round++) {
      const { refused, failed, switched } = await replay(context);
      assert.deepEqual([refused, failed], [[], []]);
      assert.ok(switched.length >= 9);
    }
    await rollBack(context);
    await project.caughtUp();
    const { dropped, faults } = await drop(readModel, ({ slot }) => slot === 'previous');
    assert.deepEqual(faults, []);
    assert.ok(dropped.length >= 9);

    const counts = await Promise.all(readers.map((stop) => stop()));
    assert.ok(counts.every((count) => count > 0));
  });
});

const reportConfig = {
  crunch_id: 'starter-challenge',
  crunch_pubkey: '',
  network: 'devnet',
  aggregation: {
    windows: [{ name: 'score_recent', hours: 24 }],
    value_field: 'value',
    ranking_key: 'score_recent',
    ranking_direction: 'desc' as const,
  },
  metrics: ['ic'],
  score_type: Type.Object({ value: Type.Number() }),
};
