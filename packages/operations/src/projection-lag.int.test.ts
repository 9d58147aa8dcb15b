import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type NatsServer, type Postgres, privateNats, privatePostgres } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { createReadModel, openReadModel, type ReadModel } from '@crunch-node/projections';
import { createPositions } from '@crunch-node/projector';
import { allStreams, namespaceOf } from '@crunch-node/streams';
import { projected, projectionLag } from './projection-lag.ts';

describe('waiting for the projections', () => {
  let nats: NatsServer;
  let postgres: Postgres;
  let log: EventLog;
  let readModel: ReadModel;
  before(async () => {
    [nats, postgres] = await Promise.all([privateNats(), privatePostgres()]);
    log = await connectLog({ url: nats.url });
    await log.ensureStreams(allStreams);
    readModel = openReadModel({ url: postgres.url, schema: namespaceOf().schema });
    await createReadModel(readModel.db, readModel.schema);
    await createPositions(readModel.db, readModel.schema);
  });
  after(async () => {
    await readModel?.close();
    await log?.close();
    await Promise.all([nats?.stop(), postgres?.stop()]);
  });

  it('continues when Postgres is back', async () => {
    await postgres.kill('SIGKILL');
    await assert.rejects(projectionLag(log, readModel));
    const waiting = projected(log, readModel, AbortSignal.timeout(60_000));
    waiting.catch(() => undefined);
    await assert.rejects(projectionLag(log, readModel));
    await postgres.restart();
    await waiting;
  });
});
