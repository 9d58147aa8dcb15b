import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { tempDir } from '@crunch-node/embedded';
import { closed, openNewsroom, signalled } from './testing/newsroom.ts';

const root = join(import.meta.dirname, '..', '..', '..');

describe('examples/subscribe-to-signals.ts', () => {
  it('prints history and live signals, and continues where it was stopped', async () => {
    const room = await openNewsroom();
    const folder = await tempDir('crunch-example-');
    const env = { ...process.env, NATS_URL: room.server.url.replace('//', '//signals:signals-password@') };

    /** Runs it until it has printed this many lines. */
    async function print(count: number, onLine: (lines: number) => Promise<void> = async () => {}): Promise<string[]> {
      const args = ['--import', 'tsx', 'examples/subscribe-to-signals.ts', 'main', join(folder.path, 'last.txt')];
      const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(child, 'close');
      const lines: string[] = [];
      for await (const line of createInterface(child.stdout)) {
        lines.push(line);
        await onLine(lines.length);
        if (lines.length === count) child.kill('SIGTERM');
      }
      assert.deepEqual(await ended, [0, null]);
      return lines;
    }

    await room.publish(signalled(1), signalled(1, { name: 'other' }), closed(1), signalled(2));
    const live = (lines: number) => (lines === 2 ? room.publish(signalled(3)) : Promise.resolve());
    assert.deepEqual(await print(3, live), [
      '2024-01-01T00:01:00.000000Z btc 1',
      '2024-01-01T00:02:00.000000Z btc 2',
      '2024-01-01T00:03:00.000000Z btc 3',
    ]);
    await room.publish(signalled(4));
    assert.deepEqual(await print(1), ['2024-01-01T00:04:00.000000Z btc 4']);
    await folder.remove();
    await room.stop();
  });
});
