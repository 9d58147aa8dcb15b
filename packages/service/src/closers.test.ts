import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClosers } from './closers.ts';

describe('closers', () => {
  it('stop the newest first, and only once', async () => {
    const stopped: string[] = [];
    const closers = createClosers(1_000);
    for (const name of ['nats', 'postgres', 'services']) closers.push(name, async () => void stopped.push(name));
    assert.deepEqual(await Promise.all([closers.close(), closers.close()]), [[], []]);
    assert.deepEqual(stopped, ['services', 'postgres', 'nats']);
  });

  it('continue past one that fails and one that hangs, and report both', async () => {
    const stopped: string[] = [];
    const closers = createClosers(20);
    closers.push('nats', async () => void stopped.push('nats'));
    closers.push('stuck', () => new Promise(() => {}));
    closers.push('broken', () => {
      throw new Error('no');
    });
    assert.deepEqual(await closers.close(), ['broken: no', 'stuck: did not stop within 0.02 s']);
    assert.deepEqual(stopped, ['nats']);
  });

  it('run the urgent actions at once, also of one that is just being closed', async () => {
    const done: string[] = [];
    const closers = createClosers(20);
    const nothing = async (): Promise<void> => undefined;
    closers.push('folder', nothing, () => void done.push('folder'));
    closers.push('services', nothing);
    closers.push(
      'server',
      () => new Promise(() => {}),
      () => {
        done.push('server');
        throw new Error('gone');
      },
    );
    const closing = closers.close();
    assert.deepEqual(closers.endAtOnce(), ['server: gone']);
    assert.deepEqual(done, ['server', 'folder']);
    await closing;
    assert.deepEqual(closers.endAtOnce(), []);
  });
});
