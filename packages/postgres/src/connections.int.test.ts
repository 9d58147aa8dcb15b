import assert from 'node:assert/strict';
import { chmod, chown, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort, type TempDir, tempDir } from '@crunch-node/embedded';
import { type Postgres, pgBouncerMissing, privatePgBouncer, privatePostgres } from '@crunch-node/embedded/testing';
import { Kysely, sql } from 'kysely';
import {
  createClient,
  createPool,
  isBehindPooler,
  isPostgresAway,
  misconfigurationOf,
  parseAddress,
  postgresDialect,
  whyReadOnly,
} from './index.ts';

const options = { applicationName: 'test', connectTimeoutMs: 5_000, max: 2 };
const skip = await pgBouncerMissing();

describe('connections to Postgres', () => {
  let postgres: Postgres;
  let folder: TempDir;
  let deadPort: number;
  before(async () => {
    [postgres, folder, deadPort] = await Promise.all([privatePostgres(), tempDir('crunch-socket-'), freePort()]);
  });
  after(async () => {
    await postgres?.stop();
    await folder?.remove();
  });

  /** The first row of a query, on a connection of its own. */
  async function ask(address: string, text = 'select inet_server_port() as port'): Promise<unknown> {
    const pool = createPool(address, options);
    try {
      return [await pool.query(text)].flat().at(-1)?.rows[0];
    } finally {
      await pool.end();
    }
  }
  /** The private server, preceded by others in its address. */
  function among(others: readonly number[], query = ''): string {
    const { username, password, port } = new URL(postgres.url);
    const hosts = [...others, port].map((one) => `127.0.0.1:${one}`).join(',');
    return `postgres://${username}:${password}@${hosts}/crunch${query}`;
  }
  const here = () => ({ port: postgres.port });

  it('go to the first of several servers that is available and suits the address', async () => {
    assert.deepEqual(await ask(among([deadPort])), here());
    for (const target of ['any', 'primary', 'read-write', 'prefer-standby'])
      assert.deepEqual(await ask(among([deadPort], `?target_session_attrs=${target}`)), here(), target);
    await assert.rejects(ask(among([deadPort], '?target_session_attrs=standby')), (error: Error) => {
      assert.match(error.message, new RegExp(`127.0.0.1:${deadPort}: .*ECONNREFUSED`));
      assert.match(error.message, /is a primary that takes writes, wanted is standby/);
      assert.doesNotMatch(error.message, new RegExp(new URL(postgres.url).password));
      return isPostgresAway(error);
    });
    const client = createClient(among([deadPort]), options);
    await client.connect();
    assert.equal(await isBehindPooler(client), false);
    await client.end();
  });

  it('do without TLS if it is optional and missing, and report where it is required', async () => {
    for (const mode of ['prefer', 'allow', 'disable'])
      assert.deepEqual(await ask(among([], `?sslmode=${mode}`)), here(), mode);
    await assert.rejects(ask(among([], '?sslmode=require')), (error: Error) => {
      assert.match(misconfigurationOf(error) ?? '', /no TLS: set sslmode=disable, or prefer/);
      return !isPostgresAway(error);
    });
  });

  it('report the cause of a failure', async () => {
    const changed = (change: (url: URL) => void): string => {
      const url = new URL(postgres.url);
      change(url);
      return url.href;
    };
    for (const [address, remedy] of [
      [changed((url) => (url.password = 'wrong')), /user or password/],
      [changed((url) => (url.password = '')), /user or password/],
      [changed((url) => (url.pathname = '/nowhere')), /no such database/],
    ] as const) {
      await assert.rejects(ask(address), (error: Error) => {
        assert.match(misconfigurationOf(error) ?? error.message, remedy);
        return !isPostgresAway(error);
      });
    }
  });

  it('work through a socket, and leave no state behind in a pooler', { skip }, async () => {
    await chmod(folder.path, 0o777);
    const settings = { unix_socket_dir: folder.path, default_pool_size: 1 };
    const pooler = await privatePgBouncer({ url: postgres.url, settings });
    const { username: user, password, port } = new URL(pooler.url);
    const encoded = encodeURIComponent(folder.path);
    for (const address of [
      `postgresql://${user}:${password}@/crunch?host=${folder.path}&port=${port}`,
      `postgresql://${user}:${password}@${encoded}:${port}/crunch`,
      `host=${folder.path} port=${port} dbname=crunch user=${user} password='${password}'`,
    ])
      assert.deepEqual(await ask(address), here(), address);

    const pool = createPool(pooler.url, options);
    const db = new Kysely<unknown>({
      dialect: postgresDialect(pool, { local: { statement_timeout: '1000' }, everyStatement: true }),
    });
    try {
      await assert.rejects(sql`select nothing from nowhere`.execute(db), { code: '42P01' });
      await assert.rejects(
        db.transaction().execute((trx) => sql`select 1/0`.execute(trx)),
        { code: '22012' },
      );
      const bad = new Kysely<unknown>({ dialect: postgresDialect(pool, { local: { work_mem: "'no'" } }) });
      await assert.rejects(
        bad.transaction().execute((trx) => sql`select 1`.execute(trx)),
        { code: '22023' },
      );
      const now = await pool.query(
        "select current_setting('statement_timeout') as limit, pg_current_xact_id_if_assigned()",
      );
      assert.equal(now.rows[0]?.limit, '0');
      assert.deepEqual(
        (await pooler.console('show servers')).map(({ state }) => state),
        ['idle'],
      );
    } finally {
      await db.destroy();
      await pooler.stop();
    }
  });

  it('distinguish a standby from a primary with a read-only setting', async () => {
    const reason = async () => {
      const db = new Kysely<unknown>({ dialect: postgresDialect(createPool(postgres.url, options)) });
      const error = await sql`create table t (a int)`.execute(db).catch((fault: Error) => fault);
      try {
        assert.equal((error as { code?: string }).code, '25006', String(error));
        const { message, isStandby } = await whyReadOnly(db, error as Error);
        return { message, isStandby };
      } finally {
        await db.destroy();
      }
    };
    await ask(postgres.url, 'alter database crunch set default_transaction_read_only = on');
    const set = await reason();
    assert.equal(set.isStandby, false);
    assert.match(set.message, /a primary where transactions are read-only: .* is set for the database/);
    await assert.rejects(ask(among([], '?target_session_attrs=read-write')), /is read-only, wanted is read-write/);
    await ask(postgres.url, 'set transaction read write; alter database crunch reset default_transaction_read_only');

    // A standby without its primary: it is read-only until it is promoted.
    await postgres.kill('SIGINT');
    const cluster = join(dirname(postgres.logFile), 'cluster');
    const { uid, gid } = await stat(cluster);
    await writeFile(join(cluster, 'standby.signal'), '');
    await chown(join(cluster, 'standby.signal'), uid, gid);
    await postgres.restart();
    assert.deepEqual(await reason(), { isStandby: true, message: 'Postgres is a standby, waiting for a primary' });
    assert.deepEqual(await ask(among([deadPort], '?target_session_attrs=standby')), here());
    await assert.rejects(ask(among([deadPort], '?target_session_attrs=primary')), /is a standby, wanted is primary/);
    await ask(postgres.url, 'select pg_promote()');
    assert.deepEqual(await ask(among([deadPort], '?target_session_attrs=primary')), here());
  });

  it('accept an address that was parsed before as well', async () => {
    const pool = createPool(parseAddress(postgres.url), options);
    assert.deepEqual((await pool.query('select 1 as one')).rows, [{ one: 1 }]);
    await pool.end();
  });
});
