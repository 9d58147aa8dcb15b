import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { defineCrunch } from '@crunch-node/config';
import { type NatsServer, privateNats } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { CommandRefused, createLogger, type Service, type ServiceContext, sendCommand } from '@crunch-node/service';
import { freshNamespace } from '@crunch-node/service/testing';
import {
  allStreams,
  CheckpointCreated,
  ConfigActivated,
  checkpoints,
  control,
  escapeToken,
  type JsonObject,
} from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { checkpointCommands } from './commands.ts';
import { startCheckpoint } from './index.ts';

const AT = '2026-01-01T00:00:00.000000Z';

describe('the steps of a checkpoint', () => {
  let server: NatsServer;
  let log: EventLog;
  let service: Service;
  let start: () => Service;
  let created = 0;
  before(async () => {
    server = await privateNats();
    log = await connectLog({ url: server.url, namespace: freshNamespace() });
    await log.ensureStreams(allStreams);
    const config = defineCrunch({ partitions: 1 });
    await append(
      control,
      ConfigActivated.at(AT, {
        revision: 0,
        config_hash: 'test',
        pace: 'live',
        partitions: 1,
        cycle_seconds: 60,
        ensembles: [],
        config: {},
      }),
      'control.config',
    );
    const context: ServiceContext<typeof config> = {
      log,
      config,
      configHash: 'test',
      pace: 'live',
      logger: createLogger('silent'),
      metrics: new Registry(),
    };
    await assert.rejects(send('confirm', { checkpoint_id: 'x', tx_hash: '0x1' }), refused(503, /nobody is there/));
    start = () => startCheckpoint(context);
    service = start();
    for (;;) {
      const code = await send('confirm', {}).catch((error: CommandRefused) => error.status);
      if (code === 404) break;
    }
  });
  after(async () => {
    await service.stop();
    await log.close();
    await server.stop();
  });

  const refused =
    (code: number, detail = /./) =>
    (error: unknown) =>
      error instanceof CommandRefused && error.status === code && detail.test(error.message);
  const send = (name: string, body: JsonObject) => sendCommand(log, `checkpoints.${name}`, body);

  async function append(stream: typeof control | typeof checkpoints, event: never | object, natsSubject: string) {
    const publisher = log.publisher();
    await publisher.append(stream as never, { event: event as never, natsSubject });
    await publisher.close();
  }

  async function checkpoint(id = `CKP_${created++}`): Promise<string> {
    const event = CheckpointCreated.at(AT, {
      checkpoint_id: id,
      period_start: AT,
      period_end: AT,
      emission: { crunch: '', cruncher_rewards: [], compute_provider_rewards: [], data_provider_rewards: [] },
      snapshot_count: 1,
      ranking: [],
      merkle_root: null,
    });
    await append(checkpoints, event, `checkpoints.${escapeToken(id)}`);
    return id;
  }

  it('go one after the other', async () => {
    const checkpoint_id = await checkpoint('an id. with %odd_ signs');
    const { event } = await send('confirm', { checkpoint_id, tx_hash: '0xabc' });
    assert.deepEqual([event.type, event.data], ['CheckpointSubmitted', { checkpoint_id, tx_hash: '0xabc' }]);
    await assert.rejects(send('status', { checkpoint_id, status: 'PAID' }), refused(409));
    assert.equal((await send('status', { checkpoint_id, status: 'CLAIMABLE' })).event.type, 'CheckpointClaimable');
    assert.equal((await send('status', { checkpoint_id, status: 'PAID' })).event.type, 'CheckpointPaid');
    await assert.rejects(send('status', { checkpoint_id, status: 'PAID' }), refused(409, /no further step/));
  });

  it('record who requested each step', async () => {
    const checkpoint_id = await checkpoint();
    const { event } = await send('confirm', { checkpoint_id, tx_hash: '0x1', by: 'ops' });
    assert.deepEqual(event.data, { checkpoint_id, tx_hash: '0x1', by: 'ops' });
    const again = await send('confirm', { checkpoint_id, tx_hash: '0x1', by: 'night shift' });
    assert.deepEqual(again.event, event, 'the one who did it');
    const claimable = await send('status', { checkpoint_id, status: 'CLAIMABLE', by: 'night shift' });
    assert.deepEqual(claimable.event.data, { checkpoint_id, by: 'night shift' });
    const paid = await send('status', { checkpoint_id, status: 'PAID', by: null });
    assert.deepEqual(paid.event.data, { checkpoint_id });
  });

  it('give the same answer when they are repeated', async () => {
    const checkpoint_id = await checkpoint();
    const first = await send('confirm', { checkpoint_id, tx_hash: '0x1' });
    assert.deepEqual(await send('confirm', { checkpoint_id, tx_hash: '0x1' }), first);
    await assert.rejects(send('confirm', { checkpoint_id, tx_hash: '0x2' }), refused(409));
  });

  it('are refused for what is not there or not sound', async () => {
    await assert.rejects(send('confirm', { checkpoint_id: 'none', tx_hash: '0x1' }), refused(404));
    await assert.rejects(send('confirm', { checkpoint_id: 'cycle', tx_hash: '0x1' }), refused(404));
    const checkpoint_id = await checkpoint();
    for (const tx_hash of ['', null, 7, 'with\u0000nul', 'x'.repeat(2_000)]) {
      await assert.rejects(send('confirm', { checkpoint_id, tx_hash }), refused(422), String(tx_hash));
    }
    await assert.rejects(send('status', { checkpoint_id, status: 'SUBMITTED' }), refused(422, /tx_hash/));
    await assert.rejects(send('status', { checkpoint_id, status: 'submitted' }), refused(422));
    await assert.rejects(sendCommand(log, 'checkpoints.confirm', [] as never), refused(422));
  });

  it('let one of several at the same time win', async () => {
    const checkpoint_id = await checkpoint();
    const results = await Promise.allSettled(
      ['0xa', '0xb', '0xc', '0xd'].map((tx_hash) => send('confirm', { checkpoint_id, tx_hash })),
    );
    const codes = results.map((result) => (result.status === 'rejected' ? result.reason.status : 200)).sort();
    assert.deepEqual(codes, [200, 409, 409, 409]);
  });

  it('let one of several steps at the same time win', async () => {
    const checkpoint_id = await checkpoint();
    await send('confirm', { checkpoint_id, tx_hash: '0x1' });
    const results = await Promise.allSettled(
      [1, 2, 3].map(() => send('status', { checkpoint_id, status: 'CLAIMABLE' })),
    );
    const codes = results.map((result) => (result.status === 'rejected' ? result.reason.status : 200)).sort();
    assert.deepEqual(codes, [200, 409, 409]);
  });

  it('are recorded once when an answer was lost and the owner changed', async () => {
    const checkpoint_id = await checkpoint();
    // Carried out by an owner whose answer was lost.
    const [confirm] = Object.values(checkpointCommands(log));
    const lost = await confirm!({ checkpoint_id, tx_hash: '0x1' }, AT);
    const { lastSequence } = await log.info(checkpoints);
    assert.deepEqual(await send('confirm', { checkpoint_id, tx_hash: '0x1' }), lost);
    assert.equal((await log.info(checkpoints)).lastSequence, lastSequence);
  });

  it('are refused for now while the owner is away, and carried out by the next one', async () => {
    const checkpoint_id = await checkpoint();
    await service.stop();
    await assert.rejects(send('confirm', { checkpoint_id, tx_hash: '0x1' }), refused(503, /nobody is there/));
    service = start();
    for (;;) {
      const published = await send('confirm', { checkpoint_id, tx_hash: '0x1' }).catch(
        (error: CommandRefused) => error,
      );
      if (!(published instanceof CommandRefused)) break;
      assert.equal(published.status, 503);
    }
    assert.equal((await log.last(checkpoints, `checkpoints.${checkpoint_id}`))?.event.type, 'CheckpointSubmitted');
  });

  it('let one win also when two believe to be the owner', async () => {
    const checkpoint_id = await checkpoint();
    // Both owners receive the request and decide; the log accepts one of the two appends.
    const [confirm] = Object.values(checkpointCommands(log));
    const outcomes = await Promise.allSettled(
      ['0xa', '0xb'].map((tx_hash) => confirm!({ checkpoint_id, tx_hash }, AT)),
    );
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    for (const outcome of outcomes) if (outcome.status === 'rejected') assert.ok(refused(409)(outcome.reason));
  });
});
