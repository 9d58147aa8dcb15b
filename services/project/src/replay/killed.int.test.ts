import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type NatsServer, type Postgres, privateNats, privatePostgres, programAt } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { digestTables, openReadModel, type ReadModel, type TableDigest } from '@crunch-node/projections';
import { listGenerations } from '@crunch-node/projections/generations';
import { sampleLog } from '@crunch-node/projections/testing';
import { projectionsNamed, type ReplayPoint, replay } from '@crunch-node/projector';
import { createLogger } from '@crunch-node/service';
import { allStreams, type Namespace, namespaceOf } from '@crunch-node/streams';
import { startProject } from '../start.ts';
import { append } from '../testing/append.ts';
import type { ReplayChild } from '../testing/replay-child.program.ts';

const CHILD = programAt(join(import.meta.dirname, '..', 'testing', 'replay-child.program.ts'));
const POINTS: readonly { readonly point: ReplayPoint; readonly times: number }[] = [
  { point: 'copied a batch', times: 1 },
  { point: 'copied a batch', times: 4 },
  { point: 'copied', times: 2 },
  { point: 'indexed', times: 1 },
  { point: 'indexed', times: 5 },
  { point: 'caught up', times: 1 },
  { point: 'exchanging', times: 1 },
  { point: 'exchanged, not committed', times: 1 },
  { point: 'committed', times: 1 },
];
const RANDOM_KILLS = 4;

describe('a replay that is killed', () => {
  let nats: NatsServer;
  let postgres: Postgres;
  let namespace: Namespace;
  let log: EventLog;
  let readModel: ReadModel;
  let expected: readonly TableDigest[];
  const children: ChildProcess[] = [];

  before(async () => {
    [nats, postgres] = await Promise.all([privateNats(), privatePostgres()]);
    namespace = namespaceOf('killed');
    log = await connectLog({ url: nats.url, namespace });
    await log.ensureStreams(allStreams);
    readModel = openReadModel({ url: postgres.url, schema: namespace.schema });
    for (const minutes of [30, 60]) await append(log, sampleLog(minutes));
    const project = live();
    await project.caughtUp();
    await project.stop();
    expected = await digest();
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    await readModel?.close();
    await log?.close();
    await Promise.all([nats?.stop(), postgres?.stop()]);
  });

  const digest = (): Promise<readonly TableDigest[]> => digestTables(readModel.db, readModel.schema, { all: true });
  const context = () => ({ log, databaseUrl: postgres.url, namespace, logger: createLogger('silent') });
  const live = () => startProject(context());
  const names = projectionsNamed(undefined).map(({ name }) => name);
  const places = async () => {
    const all = await listGenerations(readModel.db, readModel.schema);
    return { next: all.filter(({ slot }) => slot === 'next'), previous: all.filter(({ slot }) => slot === 'previous') };
  };

  function start(order: Pick<ReplayChild, 'what' | 'killAt'>): ChildProcess {
    const child = fork(CHILD.file, { execArgv: [...CHILD.execArgv] });
    children.push(child);
    child.send({ ...order, natsUrl: nats.url, databaseUrl: postgres.url, namespace: namespace.name });
    return child;
  }

  for (const killAt of POINTS) {
    it(`leaves the served tables complete when killed at "${killAt.point}" (${killAt.times}), and the next replay finishes`, async () => {
      const [, signal] = await once(start({ what: 'replay', killAt }), 'exit');
      assert.equal(signal, 'SIGKILL');
      assert.deepEqual(await digest(), expected);
      const { switched, refused, failed } = await replay(context());
      assert.deepEqual([switched, refused, failed], [names, [], []]);
      assert.deepEqual(await digest(), expected);
      const { next, previous } = await places();
      assert.deepEqual([next.length, previous.length], [0, names.length]);
    });
  }

  it(`leaves the served tables complete when killed at any moment, under concurrent writes`, async (t) => {
    const project = live();
    for (let kill = 0; kill < RANDOM_KILLS; kill++) {
      const child = start({ what: 'replay' });
      const ended = once(child, 'exit'); // on a quick machine before it is killed
      await Promise.race([once(child, 'message'), ended]); // it has begun to copy
      const afterMs = Math.floor(Math.random() * 600);
      t.diagnostic(`killed after ${afterMs} ms`);
      await delay(afterMs);
      child.kill('SIGKILL');
      await ended;
      await append(log, sampleLog(60 + kill * 5));
    }
    await project.caughtUp();
    const written = await digest();
    const { switched, refused, failed } = await replay(context());
    assert.deepEqual([switched, refused, failed], [names, [], []]);
    assert.deepEqual(await digest(), written);
    await project.stop();
    assert.notDeepEqual(written, expected);
    expected = written;
  });

  it('switches under projections that are killed in the middle of it', async () => {
    const child = start({ what: 'project' });
    await once(child, 'message');
    let isKilled = false;
    const { switched } = await replay({
      ...context(),
      onPoint: async (point) => {
        if (point === 'exchanging' && !isKilled) {
          isKilled = true;
          await append(log, sampleLog(120)); // there is something to write
          const ended = once(child, 'exit');
          child.kill('SIGKILL');
          await ended;
        }
      },
    });
    assert.deepEqual(switched, names);
    const project = live();
    await project.caughtUp();
    const written = await digest();
    await project.stop();
    const again = await replay(context());
    assert.deepEqual(again.refused, []);
    assert.deepEqual(await digest(), written);
  });
});
