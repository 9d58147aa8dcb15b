import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { FolderInUse } from './claim.ts';
import { findNatsServer } from './find-nats-server.ts';
import { startNatsServer } from './nats-server.ts';
import { startPostgres } from './postgres.ts';
import { identityOf } from './process-identity.ts';
import { tempDir } from './temp-dir.ts';
import { until } from './testing/patient.ts';
import { programAt } from './testing/program.ts';
import { rewriteOwner } from './testing/rewrite-owner.ts';

const SOON = { deadlineMs: 30_000 };
const PARENT = programAt(join(import.meta.dirname, 'testing/parent.program.ts'));

/** Another process that starts both servers in a folder and prints their process ids. */
async function startParent(
  folder: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ parent: ChildProcess; pids: number[] }> {
  const { path: binary } = await findNatsServer();
  const parent = spawn(process.execPath, [...PARENT.execArgv, PARENT.file, folder, binary], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  });
  const [line] = (await once(createInterface(parent.stdout!), 'line')) as [string];
  return { parent, pids: JSON.parse(line) as number[] };
}

const allGone = (pids: readonly number[]) =>
  until(
    'every server to be gone',
    async () => (await Promise.all(pids.map(identityOf))).every((i) => i === null),
    SOON,
  );

describe('servers of a process', () => {
  it('are gone after it was killed, and their folders can be used again', async () => {
    const folder = await tempDir();
    const { parent, pids } = await startParent(folder.path);
    for (const pid of pids) assert.notEqual(await identityOf(pid), null);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await allGone(pids);
    const next = await startParent(folder.path);
    next.parent.kill('SIGTERM');
    await once(next.parent, 'exit');
    await allGone(next.pids);
    await folder.remove();
  });

  it('are gone after it was killed, also without setpriv', async () => {
    const folder = await tempDir();
    const bin = `${folder.path}/bin`;
    await mkdir(bin);
    await symlink('/bin/sh', `${bin}/sh`);
    const { parent, pids } = await startParent(folder.path, { ...process.env, PATH: bin });
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await allGone(pids);
    await folder.remove();
  });

  it('do not receive an interrupt sent to its process group', async () => {
    const folder = await tempDir();
    const { parent, pids } = await startParent(folder.path);
    const groups = await Promise.all(pids.map(groupOf));
    assert.equal(groups.includes(await groupOf(parent.pid!)), false);
    parent.kill('SIGTERM');
    await once(parent, 'exit');
    await allGone(pids);
    await folder.remove();
  });

  it('have exclusive use of a folder while it is alive', async () => {
    const folder = await tempDir();
    const { parent, pids } = await startParent(folder.path);
    const { path: binary } = await findNatsServer();
    const inUse = (error: unknown): boolean => error instanceof FolderInUse && error.pid === parent.pid;
    await assert.rejects(startNatsServer({ binary, storeDir: `${folder.path}/nats` }), inUse);
    await assert.rejects(startPostgres({ dataDir: `${folder.path}/postgres` }), inUse);
    for (const pid of pids) assert.notEqual(await identityOf(pid), null);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await allGone(pids);
    await folder.remove();
  });

  it('are stopped at the next start when they were left behind', async () => {
    const folder = await tempDir();
    const { parent, pids } = await startParent(folder.path);
    await rewriteOwner(`${folder.path}/nats`);
    const { path: binary } = await findNatsServer();
    const server = await startNatsServer({ binary, storeDir: `${folder.path}/nats` });
    await allGone([pids[0]!]);
    await server.stop();
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await allGone(pids);
    await folder.remove();
  });
});

async function groupOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]!;
}
