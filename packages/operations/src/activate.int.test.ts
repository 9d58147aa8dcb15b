import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { configHash, defineCrunch, demoPack } from '@crunch-node/config';
import { type EventLog, FencedError } from '@crunch-node/eventlog';
import { control } from '@crunch-node/streams';
import { activateConfig, awaitActive, PartitionsChanged } from './activate.ts';
import { openPrivateLog } from './testing/private-log.ts';

const config = defineCrunch(demoPack);
const hash = configHash(config);

describe('activating a configuration', () => {
  let opened: Awaited<ReturnType<typeof openPrivateLog>>;
  let log: EventLog;
  before(async () => {
    opened = await openPrivateLog();
    log = opened.log;
  });
  after(() => opened.close());

  it('records it once, and again when hash or pace differ', async () => {
    const waiting = awaitActive(log, AbortSignal.timeout(30_000));
    assert.deepEqual(await activateConfig(log, config, hash, 'replay'), { revision: 0, changed: true });
    assert.equal((await waiting).data.config_hash, hash);
    assert.deepEqual(await activateConfig(log, config, hash, 'replay'), { revision: 0, changed: false });
    assert.deepEqual(await activateConfig(log, config, hash, 'live'), { revision: 1, changed: true });
    const other = defineCrunch({ ...demoPack, crunch_id: 'other' });
    assert.deepEqual(await activateConfig(log, other, configHash(other), 'live'), { revision: 2, changed: true });
    const last = await log.last(control, 'control.config');
    assert.equal(last?.event.id, 'config:2');
    assert.equal(last?.event.data.config.crunch_id, 'other');
  });

  it('lets only one of two concurrent activations succeed', async () => {
    const rivals = ['a', 'b'].map((crunch_id) => defineCrunch({ ...demoPack, crunch_id }));
    const results = await Promise.allSettled(rivals.map((one) => activateConfig(log, one, configHash(one), 'live')));
    const lost = results.filter((result) => result.status === 'rejected');
    // They may also have run one after the other.
    assert.ok(lost.length <= 1);
    for (const { reason } of lost) assert.ok(reason instanceof FencedError, String(reason));
  });

  it('rejects another number of partitions, and names the remedy', async () => {
    const other = defineCrunch({ ...demoPack, partitions: 4 });
    await assert.rejects(activateConfig(log, other, configHash(other), 'replay'), (error: unknown) => {
      assert.ok(error instanceof PartitionsChanged);
      assert.match(error.message, /set PARTITIONS=3/);
      return true;
    });
  });
});
