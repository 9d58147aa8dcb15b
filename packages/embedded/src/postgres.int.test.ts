import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startPostgres } from './postgres.ts';
import { tempDir } from './temp-dir.ts';
import { privatePostgres } from './testing.ts';

async function ask(url: string, ...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) rows = (await client.query(statement)).rows as Record<string, unknown>[];
    return rows;
  } finally {
    await client.end();
  }
}

describe('a private Postgres', () => {
  it('is ready when started, in UTF-8, UTC and code point order', async () => {
    const server = await privatePostgres({ database: 'toys' });
    const [row] = await ask(
      server.url,
      `select current_database() as name, current_setting('server_encoding') as encoding,
              current_setting('TimeZone') as zone, 'Z' < 'a' as by_code_point`,
    );
    assert.deepEqual(row, { name: 'toys', encoding: 'UTF8', zone: 'UTC', by_code_point: true });
    const wrong = new URL(server.url);
    wrong.password = 'wrong';
    await assert.rejects(ask(wrong.href, 'select 1'), /password authentication failed/);
    await server.stop();
  });

  it('keeps committed data over kills, restarts and another start in the folder', async () => {
    const folder = await tempDir();
    const first = await startPostgres({ dataDir: folder.path });
    const { url } = first;
    await ask(url, 'create table t (n int)', 'insert into t values (1)');
    await first.kill();
    await first.restart();
    assert.equal(first.url, url);
    await ask(url, 'insert into t values (2)');
    await first.restart();
    await first.stop();
    const second = await startPostgres({ dataDir: folder.path });
    assert.deepEqual(await ask(second.url, 'select n from t order by n'), [{ n: 1 }, { n: 2 }]);
    await second.stop();
    await folder.remove();
  });

  it('starts over when creating the cluster was interrupted', async () => {
    const folder = await tempDir();
    await mkdir(`${folder.path}/cluster.new`);
    await writeFile(`${folder.path}/cluster.new/PG_VERSION`, '18\n');
    const server = await startPostgres({ dataDir: folder.path });
    await ask(server.url, 'select 1');
    await server.stop();
    await folder.remove();
  });

  it('rejects a cluster of another version, and names the remedy', async () => {
    const folder = await tempDir();
    await mkdir(`${folder.path}/cluster`);
    await writeFile(`${folder.path}/cluster/PG_VERSION`, '9\n');
    await assert.rejects(startPostgres({ dataDir: folder.path }), /received one of 9: choose another data folder/);
    await folder.remove();
  });

  it('reports the required owner of a copied folder, and starts once it is right', {
    skip: process.getuid?.() !== 0,
  }, async () => {
    const folder = await tempDir();
    const cluster = `${folder.path}/cluster`;
    await (await startPostgres({ dataDir: folder.path })).stop();
    const { uid, gid } = await stat(cluster);
    await chown(cluster, 0, 0);
    await assert.rejects(startPostgres({ dataDir: folder.path }), new RegExp(`chown -R ${uid} ${cluster}`));
    await chown(cluster, uid, gid);
    await (await startPostgres({ dataDir: folder.path })).stop();
    await folder.remove();
  });

  it('runs in folders that are closed to others', async () => {
    const folder = await tempDir();
    await mkdir(`${folder.path}/closed/data`, { recursive: true });
    await chmod(`${folder.path}/closed`, 0o700);
    const server = await startPostgres({ dataDir: `${folder.path}/closed/data` });
    assert.equal((await ask(server.url, 'select 1 as one'))[0]!.one, 1);
    if (process.getuid?.() === 0) {
      const status = await readFile(`/proc/${server.pid}/status`, 'utf8');
      assert.doesNotMatch(status, /^Uid:\s+0\s/m);
    }
    await server.stop();
    await folder.remove();
  });

  const entry = fileURLToPath(new URL('./index.ts', import.meta.url));
  const unprivileged = { uid: 65534, gid: 65534 };
  const skip =
    process.getuid?.() !== 0
      ? 'needs root to switch users; all other tests ran as an ordinary user'
      : spawnSync(process.execPath, ['-e', `fs.accessSync(${JSON.stringify(entry)})`], unprivileged).status !== 0 &&
        'an ordinary user cannot read this folder or run this Node';
  it('runs as an ordinary user', { skip }, async () => {
    const folder = await tempDir();
    await chmod(folder.path, 0o777);
    const script = `
      import { startPostgres } from ${JSON.stringify(entry)};
      const server = await startPostgres({ dataDir: ${JSON.stringify(`${folder.path}/data`)} });
      await server.stop();
      process.stdout.write(String(process.getuid()));`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      ...unprivileged,
      env: { PATH: process.env.PATH, HOME: folder.path, TMPDIR: folder.path },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => output.push(bytes));
    await once(child, 'close');
    assert.equal(Buffer.concat(output).toString(), '65534');
    await access(`${folder.path}/data/cluster/PG_VERSION`);
    await folder.remove();
  });
});
