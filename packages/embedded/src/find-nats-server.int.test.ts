import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { findNatsServer, NatsServerNotFound } from './find-nats-server.ts';
import { tempDir } from './temp-dir.ts';

/** An executable that reports a given nats-server version. */
async function pretend(folder: string, version: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = `${folder}/nats-server`;
  await writeFile(path, `#!/bin/sh\necho "nats-server: v${version}"\n`);
  await chmod(path, 0o755);
  return path;
}

describe('finding a nats-server', () => {
  it('prefers NATS_SERVER_BIN to the one on PATH', async () => {
    const folder = await tempDir();
    const named = await pretend(`${folder.path}/named`, '2.11.3');
    const env = { NATS_SERVER_BIN: named, PATH: `${folder.path}/path` };
    await pretend(`${folder.path}/path`, '2.10.0');
    assert.deepEqual(await findNatsServer({ env }), { path: named, version: '2.11.3', source: 'NATS_SERVER_BIN' });
    const { version, source } = await findNatsServer({ env: { PATH: env.PATH } });
    assert.deepEqual({ version, source }, { version: '2.10.0', source: 'PATH' });
    await folder.remove();
  });

  it('rejects a named one that is too old or no nats-server', async () => {
    const folder = await tempDir();
    const old = await pretend(folder.path, '2.8.4');
    await assert.rejects(
      findNatsServer({ env: { NATS_SERVER_BIN: old } }),
      /2\.9 or newer, received "nats-server: v2\.8\.4"/,
    );
    await assert.rejects(findNatsServer({ env: { NATS_SERVER_BIN: '/nowhere/nats-server' } }), /nowhere/);
    await folder.remove();
  });

  it('uses a cached download without printing anything', async () => {
    const folder = await tempDir();
    const cached = await pretend(`${folder.path}/nats-server-trixie`, '2.10.27');
    const found = await findNatsServer({
      cacheDir: folder.path,
      suite: 'trixie',
      print: () => assert.fail('no waiting'),
    });
    assert.deepEqual(found, { path: cached, version: '2.10.27', source: 'trixie (cached)' });
    await folder.remove();
  });

  it('prints what it waits for and, when nothing works, everything it tried and the remedy', async () => {
    const folder = await tempDir();
    const output: string[] = [];
    const find = findNatsServer({ cacheDir: folder.path, suite: 'no-such-suite', print: (text) => output.push(text) });
    await assert.rejects(
      find,
      (error) =>
        error instanceof NatsServerNotFound && /no-such-suite/.test(error.message) && /NATS_URL/.test(error.message),
    );
    assert.deepEqual(output, ['waiting for nats-server from Debian no-such-suite']);
    await folder.remove();
  });
});
