import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { type NatsServer, privateNats, until } from '@crunch-node/embedded/testing';
import { type Started, startChild } from './child.ts';

const DEADLINE = { deadlineMs: 60_000 };

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Processes this one has started and not yet seen end. */
async function ownProcesses(): Promise<number[]> {
  const text = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean).map(Number);
}

const skip = process.platform === 'linux' ? false : 'looks at /proc';

describe('a service the cluster keeps running', { skip }, () => {
  let server: NatsServer;
  before(async () => {
    server = await privateNats();
  });
  after(() => server.stop());

  function start() {
    const started: Started[] = [];
    const output: string[] = [];
    const child = startChild({
      name: 'rank',
      service: 'rank',
      args: ['--feed', 'synthetic', '--log-level', 'silent'],
      env: { ...process.env, NATS_URL: server.url, SERVICE_PORT: '0' },
      restart: true,
      print: (line) => output.push(line),
      started: (at) => started.push(at),
    });
    return { child, started, output };
  }

  const newOnes = async (before: readonly number[]): Promise<number[]> =>
    (await ownProcesses()).filter((pid) => !before.includes(pid));

  it('is stopped before it serves', async () => {
    const before = await ownProcesses();
    const { child, started } = start();
    const [pid] = await newOnes(before);
    await child.stop();
    assert.equal(isAlive(pid!), false);
    assert.deepEqual(started, []);
    await assert.rejects(child.serving, /expected rank to come up/);
  });

  it('is stopped while it is started again', async () => {
    const before = await ownProcesses();
    const { child, started, output } = start();
    await child.serving;
    process.kill(started[0]!.pid, 'SIGKILL');
    let again: number | undefined;
    await until(
      'it to be started again',
      async () => {
        again = (await newOnes(before)).find((pid) => pid !== started[0]!.pid);
        return again !== undefined;
      },
      DEADLINE,
    );
    await child.stop();
    assert.equal(isAlive(again!), false);
    assert.equal(output.at(-1), 'rank has ended (SIGKILL): starting it again');
  });
});
