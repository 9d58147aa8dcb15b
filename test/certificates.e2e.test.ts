/** What containers get (certificates.sh, nats.secure.conf, pg_hba.conf of deploy/) on a real nats-server and Postgres. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Postgres, startPostgres, tempDir } from '@crunch-node/embedded';
import { type NatsServer, privateNats } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { natsUsers } from '@crunch-node/pipeline';
import { allStreams, namespaceOf } from '@crunch-node/streams';
import { connect, type NatsConnection } from 'nats';
import pg from 'pg';
import { certifiedAccounts, certifiedServer } from '../packages/cli/src/accounts/render.ts';

const deploy = join(import.meta.dirname, '..', 'deploy');
const own = String(process.getuid?.() ?? 0);
const certify = (folder: string, names: readonly string[], env: Record<string, string> = {}): string =>
  execFileSync('sh', [join(deploy, 'certificates.sh'), folder, ...names], {
    encoding: 'utf8',
    env: { ...process.env, SERVICE_UID: own, POSTGRES_UID: own, ...env },
  });

describe('certificates of a deployment', () => {
  let temp: Awaited<ReturnType<typeof tempDir>>;
  let server: NatsServer;
  let postgres: Postgres;
  let operator: EventLog;
  const folderOf = (name: string, authority = 'tls'): string => join(temp.path, authority, name);
  const certificateOf = (name: string, authority = 'tls') => ({
    ca: readFileSync(join(folderOf('nats'), 'ca.crt'), 'utf8'),
    cert: readFileSync(join(folderOf(name, authority), 'tls.crt'), 'utf8'),
    key: readFileSync(join(folderOf(name, authority), 'tls.key'), 'utf8'),
  });
  const as = (user: string, tls: object = certificateOf(user)): Promise<NatsConnection> =>
    connect({ servers: server.url, inboxPrefix: `_INBOX_${user}`, tls, reconnect: false });

  before(async () => {
    temp = await tempDir('crunch-certified-');
    certify(join(temp.path, 'tls'), ['nats', 'postgres', 'signals', ...natsUsers]);
    // The file that containers get, but for where its certificates are and what the test server sets itself.
    const deployed = readFileSync(join(deploy, 'nats.secure.conf'), 'utf8');
    const moreConfig = deployed.slice(deployed.indexOf('\ntls {')).replaceAll('/run/tls', folderOf('nats'));
    server = await privateNats({ moreConfig });
    const tls = { folder: folderOf('postgres'), accessRules: join(deploy, 'pg_hba.conf') };
    postgres = await startPostgres({ dataDir: join(temp.path, 'postgres'), tls });
    operator = await connectLog({ url: server.url, tls: certificateOf('operator') });
    await operator.ensureStreams(allStreams);
  });
  after(async () => {
    await operator.close();
    await postgres.stop();
    await server.stop();
    await temp.remove();
  });

  it('has the configuration of the server that the command writes', () => {
    assert.equal(readFileSync(join(deploy, 'nats.secure.conf'), 'utf8'), certifiedServer(namespaceOf()));
    const other = certifiedAccounts(namespaceOf('acme'), '/run/tls');
    assert.match(other, /service: "\$JS\.API\.DIRECT\.GET\.acme_SIGNALS"/);
    assert.doesNotMatch(other, /"(scores|signals)\./);
  });

  it('knows a user by the certificate, and lets it do what its service does', async () => {
    const score = await as('score');
    const answer = await score.request('scores.cycle', '{}');
    assert.match(answer.string(), /"stream":"SCORES"/);
    await assert.rejects(score.request('leaderboards.cycle', '{}'), /permissions violation/i);
    await score.close();
  });

  it('lets a subscriber look up signals and nothing else', async () => {
    const signals = await as('signals');
    const answer = await signals.request('$JS.API.DIRECT.GET.SIGNALS', '{"seq":1}');
    assert.equal(answer.headers?.code, 404);
    await assert.rejects(signals.request('$JS.API.DIRECT.GET.SCORES', '{"seq":1}'), /permissions violation/i);
    await signals.close();
  });

  it('refuses a client without a certificate, with one of another authority, or of an unknown name', async () => {
    certify(join(temp.path, 'other'), ['score']);
    certify(join(temp.path, 'tls'), ['stranger']);
    const { ca } = certificateOf('score');
    await assert.rejects(as('score', { ca }));
    await assert.rejects(as('score', certificateOf('score', 'other')));
    await assert.rejects(as('stranger'), /authorization violation/i);
  });

  it('lets Postgres accept encrypted connections only, and clients check its name', async () => {
    const ask = async (url: string): Promise<unknown> => {
      const client = new pg.Client({ connectionString: url });
      try {
        await client.connect();
        return (await client.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()')).rows;
      } finally {
        await client.end().catch(() => undefined);
      }
    };
    assert.deepEqual(await ask(postgres.url), [{ ssl: true }]);
    await assert.rejects(ask(postgres.url.replace(/\?.*/, '')), /no encryption/);
    const ca = join(temp.path, 'other', 'score', 'ca.crt');
    await assert.rejects(ask(postgres.url.replace(/sslrootcert=.*/, `sslrootcert=${encodeURIComponent(ca)}`)));
  });

  it('keeps what is valid, and makes what is missing, damaged or of other names', () => {
    const folder = join(temp.path, 'again');
    const made = (output: string): string[] =>
      [...output.matchAll(/certificate for (\w+)/g)].map(([, name = '']) => name);
    assert.deepEqual(made(certify(folder, ['report', 'score'])), ['report', 'score']);
    assert.deepEqual(made(certify(folder, ['report', 'score'])), []);
    assert.deepEqual(made(certify(folder, ['report', 'score', 'rank'])), ['rank']);
    assert.deepEqual(made(certify(folder, ['report', 'score'], { TLS_HOSTS: 'DNS:a.example' })), ['report']);
    writeFileSync(join(folder, 'score', 'tls.crt'), 'damaged');
    assert.deepEqual(made(certify(folder, ['score'])), ['score']);
    assert.deepEqual(made(certify(folder, ['score'], { RENEW_DAYS: '900' })), ['score']);
    assert.equal(statSync(join(folder, 'score', 'tls.key')).mode & 0o777, 0o600);
    mkdirSync(join(folder, 'empty'));
    assert.deepEqual(made(certify(folder, ['empty'])), ['empty']);
  });
});
