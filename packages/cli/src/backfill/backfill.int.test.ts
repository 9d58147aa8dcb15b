import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { tempDir } from '@crunch-node/embedded';
import { type NatsServer, privateNats } from '@crunch-node/embedded/testing';
import { type FakeBinance, type KlineRow, startFakeBinance } from '@crunch-node/feeds/testing';
import { type Ended, type RunningCli, runCli } from '../testing/run-cli.ts';

const repository = join(import.meta.dirname, '../../../..');
const data = process.env.CRUNCH_DATA_DIR ?? join(repository, '../shared/data');
const recorded = join(data, 'market/binance_spot_bnbusdt_1m_202401.csv.gz');
const skip = existsSync(recorded) ? false : `THE MARKET DATA IS MISSING: ${recorded}`;
const FROM = '2024-01-02';
const TO = '2024-01-08T23:59:00Z';

describe('crunch-node backfill', { skip }, () => {
  let server: NatsServer;
  let binance: FakeBinance;
  let folder: Awaited<ReturnType<typeof tempDir>>;
  let runs = 0;

  before(async () => {
    server = await privateNats();
    binance = await startFakeBinance();
    folder = await tempDir('crunch-cli-backfill-');
    binance.klines.set('BNBUSDT', await recordedKlines());
  });
  after(async () => {
    await binance.stop();
    await server.stop();
    await folder.remove();
  });

  /** A place of its own: folder, namespace, archive. */
  function place() {
    const namespace = `b${runs++}`;
    const cwd = join(folder.path, namespace);
    const env = {
      NATS_URL: server.url,
      DATABASE_URL: 'postgres://127.0.0.1:1/nobody_asks',
      CRUNCH_NAMESPACE: namespace,
      LEASE_SECONDS: '3',
      FEED_PROVIDER: 'binance',
      FEED_SUBJECTS: 'BNBUSDT',
      FEED_OPT_rest_url: binance.restUrl,
    };
    const runWith = (more: Readonly<Record<string, string>>, ...args: string[]): RunningCli =>
      runCli(['backfill', ...args], { env: { ...env, ...more }, cwd });
    const run = (...args: string[]): RunningCli => runWith({}, ...args);
    const fill = (...args: string[]) => run('--granularity', '1m', ...args);
    const archive = join(cwd, 'data/backfill');
    return { archive, run, runWith, fill, made: mkdir(cwd, { recursive: true }) };
  }
  async function hashes(archive: string): Promise<Record<string, string>> {
    const names = await readdir(archive, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const pairs = files.map(async (file) => [
      file.slice(archive.length),
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    ]);
    return Object.fromEntries(await Promise.all(pairs));
  }
  const ok = ({ code, stderr }: Ended): void => assert.equal(code, 0, stderr);

  it('ends with the same files when it is killed midway', async () => {
    const undisturbed = place();
    await undisturbed.made;
    const ended = await undisturbed.fill('--from', FROM, '--to', TO).ended;
    ok(ended);
    assert.match(ended.stdout, /binance\/BNBUSDT\/candle\/1m, .*: completed, 10,080 records in \d+ pages\n {2}no gaps/);
    const expected = await hashes(undisturbed.archive);
    assert.equal(Object.keys(expected).length, 7);

    const killed = place();
    await killed.made;
    const first = killed.fill('--from', FROM, '--to', TO, '--page-size', '50');
    const folderOfDays = join(killed.archive, 'binance/BNBUSDT/candle/1m');
    const days = async (): Promise<readonly string[]> =>
      (await readdir(folderOfDays).catch(() => [])).filter((name) => name.endsWith('.parquet'));
    await first.reaches('a third day, so that the first two are claimed', async () => (await days()).length >= 3);
    first.child.kill('SIGKILL');
    await first.ended;
    assert.notDeepEqual(await hashes(killed.archive), expected);

    const list = await killed.run('list', '--json').ended;
    const [job] = JSON.parse(list.stdout) as { job_id: string; status: string }[];
    assert.equal(job?.status, 'running');
    const before = binance.requests.length;
    const refused = await killed.fill('--from', FROM, '--to', TO).ended;
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /is running: follow it to its end, or cancel it/);

    const second = await killed.run('follow', job.job_id).ended;
    ok(second);
    assert.match(second.stdout, /completed, [\d,]+ records/);
    assert.deepEqual(await hashes(killed.archive), expected);
    const again = `startTime=${Date.parse(FROM)}&`;
    assert.ok(!binance.requests.slice(before).some((request) => request.includes(again)), 'it does not start again');
  });

  it('logs at the level of its option', async () => {
    const { runWith, made } = place();
    await made;
    for (const [LOG_LEVEL, isLogged] of [
      ['warn', true],
      ['silent', false],
    ] as const) {
      const asked = ['--granularity', '1m', '--subject', 'NOPE', '--from', FROM, '--to', TO];
      const { stderr } = await runWith({ LOG_LEVEL }, ...asked).ended;
      assert.equal(stderr.includes('"level":'), isLogged, stderr);
    }
  });

  it('reports what went wrong, and what can be done', async () => {
    const { run, fill, made } = place();
    await made;
    const failed = await fill('--subject', 'NOPE', '--from', FROM, '--to', TO).ended;
    assert.equal(failed.code, 1);
    assert.match(failed.stdout, /failed, 0 records/);
    assert.match(failed.stdout, /Invalid symbol/);
    const [, id = ''] = /crunch-node backfill retry (\S+)/.exec(failed.stdout) ?? [];
    assert.equal((await run('retry', id).ended).code, 1);
    const list = await run('list').ended;
    assert.match(list.stdout, /binance\/NOPE\/candle\/1m +2024-01-02 00:00 .* failed +0 +0/);
    const cancel = await run('cancel', id).ended;
    assert.match(cancel.stderr, /there is nothing to cancel/);
    for (const [args, text] of [
      [['--from', 'yesterday'], /expected a time/],
      [['--from', FROM, '--to', FROM], /start: expected it before end/],
      [['--from', FROM, '--granularity', '../x'], /granularity: expected letters/],
      [['--from', FROM, '--source', 'replay'], /./],
      [[], /--from/],
    ] as const) {
      const ended = await fill(...args).ended;
      assert.equal(ended.code, 1, args.join(' '));
      assert.match(ended.stderr, text);
    }
  });

  it('can be left with Ctrl-C', async () => {
    const { run, fill, made } = place();
    await made;
    binance.answers.push(...Array.from({ length: 3 }, () => ({ status: 429, headers: { 'retry-after': '5' } })));
    const running = fill('--from', FROM, '--to', TO);
    await running.reaches('records', (output) => output.includes('records'));
    running.child.kill('SIGINT');
    const { code, stderr } = await running.ended;
    binance.answers.length = 0;
    assert.equal(code, 130, stderr);
    assert.match(stderr, /stopped: .*\n {2}crunch-node backfill follow \S+\n {2}crunch-node backfill cancel/);
    const [, id = ''] = /backfill cancel (\S+)/.exec(stderr) ?? [];
    ok(await run('cancel', id).ended);
    assert.match((await run('list').ended).stdout, /cancelled/);
  });
});

/** January 2024 as the exchange published it. */
async function recordedKlines(): Promise<KlineRow[]> {
  const [head = '', ...lines] = gunzipSync(await readFile(recorded))
    .toString()
    .trim()
    .split('\n');
  const names = head.split(',');
  const at = (name: string) => names.indexOf(name);
  return lines.map((line) => {
    const cells = line.split(',');
    const openMs = Number(cells[at('ts_event_ms')]);
    const bar = ['open', 'high', 'low', 'close', 'volume'].map((name) => cells[at(name)] ?? '');
    return [openMs, ...bar, openMs + 59_999, '0', 1, '0', '0', '0'];
  });
}
