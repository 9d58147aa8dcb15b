import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type NatsServer, type Postgres, privateNats, privatePostgres } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { allProjections, createReadModel, openReadModel, type ReadModel } from '@crunch-node/projections';
import { sampleLog } from '@crunch-node/projections/testing';
import { type ProjectionContext, runProjection } from '@crunch-node/projector';
import { createLogger, decideAndPublish, handleCommands } from '@crunch-node/service';
import { CheckpointSubmitted, checkpoints, models, namespaceOf } from '@crunch-node/streams';
import { type ReportService, startReport } from '../../start.ts';
import { reportConfig } from '../../testing/report-config.ts';
import { namedKeys } from '../security/keys.ts';
import { defaultSecurity } from '../security/options.ts';

const logger = createLogger('silent');
const namespace = namespaceOf('mine');
const KEY = 'the-key-of-the-operator';

describe('a client that reads what it wrote', () => {
  let nats: NatsServer;
  let postgres: Postgres;
  let log: EventLog;
  let readModel: ReadModel;
  let report: ReportService;
  const stopping = new AbortController();
  let commands: Promise<void>;

  before(async () => {
    [nats, postgres] = await Promise.all([privateNats(), privatePostgres()]);
    log = await connectLog({ url: nats.url, namespace });
    await log.ensureStreams([checkpoints, models]);
    readModel = openReadModel({ url: postgres.url, schema: namespace.schema });
    await createReadModel(readModel.db, readModel.schema);
    const publisher = log.publisher();
    const created = sampleLog(3).filter(({ event }) => event.type === 'CheckpointCreated');
    for (const { event } of created)
      await publisher.append(checkpoints, { event, natsSubject: `checkpoints.${checkpointId(event.data)}` });
    commands = handleCommands(
      {
        'checkpoints.confirm': (body, at) =>
          decideAndPublish(log, checkpoints, async () => {
            const event = CheckpointSubmitted.at(at, body as { checkpoint_id: string; tx_hash: string });
            const natsSubject = `checkpoints.${event.data.checkpoint_id}`;
            const last = await log.last(checkpoints, natsSubject);
            return { event, natsSubject, after: last?.sequence ?? 0 };
          }),
      },
      { log, logger, signal: stopping.signal },
    );
    report = await startReport({
      databaseUrl: postgres.url,
      namespace,
      log,
      config: reportConfig,
      host: '127.0.0.1',
      port: 0,
      version: '0.1.0',
      logger,
      freshness: { minSeqWaitMs: 25_000 },
      security: { ...defaultSecurity, keys: namedKeys([`ops:admin:${KEY}`]) },
    });
  });
  after(async () => {
    stopping.abort();
    await commands;
    await report?.stop();
    await readModel?.close();
    await log?.close();
    await postgres?.stop();
    await nats?.stop();
  });

  const checkpointId = (data: unknown): string => (data as { checkpoint_id: string }).checkpoint_id;

  /** The loop that keeps the read model, as the project service runs it. */
  function project(name: string): void {
    const projection = allProjections({ configIdOf: () => '' }).find((one) => one.name === name)!;
    const { db, schema } = readModel;
    const context = { log, db, schema, logger, signal: stopping.signal } as ProjectionContext<unknown>;
    runProjection(projection, context).catch(() => undefined);
  }

  it('is given the position of its event, and sees it with that position', async () => {
    const confirmed = await fetch(`${report.url}/reports/checkpoints/CKP_first/confirm`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': KEY },
      body: '{"tx_hash":"0xabc","by":"somebody else"}',
    });
    assert.equal(confirmed.status, 503, 'no projection runs yet');
    const written = confirmed.headers.get('x-crunch-written');
    assert.equal(written, 'CHECKPOINTS:3');
    const published = await log.last(checkpoints, 'checkpoints.CKP_first');
    const { by } = published!.event.data as CheckpointSubmitted['data'];
    assert.equal(by, 'ops', 'who has asked, not who was named');
    const asking = fetch(`${report.url}/reports/checkpoints?min_seq=${written}`);
    project('checkpoints');
    const answer = await asking;
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('x-crunch-position'), 'CHECKPOINTS:3, MODELS:0');
    assert.match(answer.headers.get('x-crunch-event-time') ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z, -$/);
    const ready = (await (await fetch(`${report.url}/readyz`)).json()) as {
      log: string;
      projections: Record<string, string>[];
    };
    assert.equal(ready.log, 'connected');
    assert.deepEqual(
      ready.projections.map(({ projection, position }) => [projection, position]),
      [['checkpoints', 'CHECKPOINTS:3']],
    );
    const found = (await answer.json()) as { id: string; status: string; tx_hash: string }[];
    assert.deepEqual(
      found.map(({ id, status, tx_hash }) => [id, status, tx_hash]),
      [
        ['CKP_second', 'PENDING', null],
        ['CKP_first', 'SUBMITTED', '0xabc'],
      ],
    );
  });
});
