import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type NatsServer, type Postgres, privateNats, privatePostgres, until } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { startProject } from '@crunch-node/project';
import { digestTables, openReadModel, type ReadModel } from '@crunch-node/projections';
import { sampleLog } from '@crunch-node/projections/testing';
import { createLogger } from '@crunch-node/service';
import { allStreams, namespaceOf } from '@crunch-node/streams';
import { sql } from 'kysely';
import type { Screen } from '../screen.ts';
import { replayOutdated } from './replay-outdated.ts';

describe('up after an update', () => {
  let nats: NatsServer;
  let postgres: Postgres;
  let log: EventLog;
  let readModel: ReadModel;
  const namespace = namespaceOf('updated');
  const logger = createLogger('silent');

  before(async () => {
    [nats, postgres] = await Promise.all([privateNats(), privatePostgres()]);
    log = await connectLog({ url: nats.url, namespace });
    await log.ensureStreams(allStreams);
    readModel = openReadModel({ url: postgres.url, schema: namespace.schema });
    const publisher = log.publisher();
    await Promise.all(
      sampleLog(20).map(({ stream, event, obs }) => {
        const definition = stream.events.find(({ type }) => type === event.type)!;
        return publisher.append(stream, {
          event,
          natsSubject: definition.natsSubjectOf(event.data),
          ...(obs && { obs }),
        });
      }),
    );
    await publisher.close();
  });
  after(async () => {
    await readModel?.close();
    await log?.close();
    await Promise.all([nats?.stop(), postgres?.stop()]);
  });

  it('rebuilds read models of an older release while the rest keeps running', async () => {
    const databaseUrl = postgres.url;
    const context = { log, databaseUrl, namespace, logger };
    const older = startProject(context);
    await older.caughtUp();
    await older.stop();
    const { db, schema } = readModel;
    const expected = await digestTables(db, schema, { all: true });
    // As an older release would have left it: without a column, and without the views that use it.
    await sql`alter table ${sql.id(schema, 'scores')} drop column value cascade`.execute(db);
    await sql`update ${sql.id(schema, 'positions')} set version = version - 1 where projection = 'scores'`.execute(db);

    const project = startProject(context);
    const state = (name: string) => project.projections().find((one) => one.name === name)?.state;
    await until('scores to wait', () => state('scores') === 'waiting', { deadlineMs: 60_000 });
    await until('the others', () => state('feeds') === 'running', { deadlineMs: 60_000 });
    const output: string[] = [];
    const screen = { print: (line: string) => void output.push(line) } as unknown as Screen;
    const outdated = { context, readModel, databaseUrl, namespace, screen, signal: new AbortController().signal };
    await replayOutdated(outdated);
    assert.deepEqual(output, ['rebuilding scores, which an older release has built', 'scores: built and in use']);
    await project.caughtUp();
    assert.equal(project.health().state, 'running');
    assert.deepEqual(await digestTables(db, schema, { all: true }), expected);
    const { rows } = await sql<{ n: number }>`
      select count(*) as n from ${sql.id(`views_${schema}`, 'scores')} where value is not null`.execute(db);
    assert.ok((rows[0]?.n ?? 0) > 0);
    await replayOutdated(outdated);
    assert.equal(output.length, 2); // nothing is outdated any more
    await project.stop();
  });
});
