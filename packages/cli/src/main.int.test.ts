import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type TempDir, tempDir } from '@crunch-node/embedded';
import { allStreams } from '@crunch-node/streams';
import { runCli } from './testing/run-cli.ts';

const demo = ['up', '--demo', '--days', '0.02', '--once'];
/** Every partition costs messages in each cycle, and none matters here. */
const env = { PARTITIONS: '2' };

describe('the command line', () => {
  let folder: TempDir;
  before(async () => {
    folder = await tempDir('crunch-cli-');
  });
  after(() => folder.remove());

  it('reports a wrong option in one line', async () => {
    const cases: (readonly [readonly string[], RegExp, Record<string, string>?])[] = [
      [['up', '--feed', 'nope'], /^error: option '--feed <provider>' argument 'nope' is invalid.*\n$/],
      [['up', '--demo', '--feed', 'replay'], /^crunch-node: --feed replay needs --data.*\n$/],
      [['up', '--demo', '--data', '/nowhere'], /^crunch-node: expected feed data at \/nowhere.*\n$/],
      [
        ['up', '--config', './none.ts'],
        /^crunch-node: The configuration module \.\/none\.ts: expected a file at .*\n$/,
      ],
      [['up', '--config', 'none.ts'], /^crunch-node: .* none\.ts: expected a file at .* or a package .*\n$/],
      [
        ['whatif', '--config', 'x.ts', '--from', '2024-01-03', '--to', '2024-01-02'],
        /^crunch-node: expected --from to be before --to, .*\n$/,
      ],
      [['up', '--demo', '--data-dir', '/dev/null/x'], /^crunch-node: E[A-Z]+: .*'\/dev\/null\/x.*'\n$/],
      [['project', '--only', 'nope'], /^crunch-node: expected names of projections .*, received nope\n$/],
      [['config'], /^crunch-node: The environment: PARTITIONS: expected a whole number.*\n$/, { PARTITIONS: 'x' }],
    ];
    for (const [args, pattern, env = {}] of cases) {
      const { code, stderr } = await runCli(args, { env, cwd: folder.path }).ended;
      assert.equal(code, 1, args.join(' '));
      assert.match(stderr, pattern);
    }
  });

  it('works history off, shows the result, and leaves the same read models in every run', async () => {
    const dataDir = join(folder.path, 'kept');
    const runs = [await runCli([...demo, '--data-dir', dataDir], { env }).ended, await runCli(demo, { env }).ended];
    const [first, second] = runs.map(({ code, stdout, stderr }) => {
      assert.equal(code, 0, stderr);
      assert.match(stdout, /Leaderboard, by score_recent/);
      assert.match(stdout, /momentum/);
      // rates differ, facts do not
      return { board: stdout.slice(0, stdout.indexOf('Stages')), digest: stdout.trim().split('\n').at(-1) };
    });
    assert.deepEqual(first, second);
    assert.match(first?.digest ?? '', /^digest streams [0-9a-f]{12} \/ tables [0-9a-f]{12}$/);
    const digestOf = async (...args: readonly string[]): Promise<string> => {
      const { stdout } = await runCli(['digest', '--json', '--data-dir', dataDir, ...args]).ended;
      return (JSON.parse(stdout) as { digest: string }).digest.slice(0, 12);
    };
    const streams = await digestOf('--streams');
    const tables = await digestOf();
    assert.equal(first?.digest, `digest streams ${streams} / tables ${tables}`);
  });

  it('names a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, stderr } = await runCli([...demo, '--port', String(port)]).ended;
    server.close();
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`crunch-node: expected port ${port} on 127.0.0.1 to be free`));
  });

  it('lets other commands inspect a running deployment', async () => {
    const dataDir = join(folder.path, 'watched');
    const { child, ended, reaches } = runCli(['up', '--demo', '--port', '0', '--data-dir', dataDir], { env });
    let health: string | undefined;
    await reaches('where its health is', (output) => {
      health = /health at (\S+)\/readyz/.exec(output)?.[1];
      return health !== undefined;
    });
    await reaches('rounds', (output) => output.includes('rounds'));
    assert.match(await (await fetch(`${health}/metrics`)).text(), /crunch_rank_events_said_total/);
    const { services } = (await (await fetch(`${health}/readyz`)).json()) as { services: object };
    assert.ok('report' in services && 'predict' in services);
    const { code, stdout, stderr } = await runCli(['status', '--json', '--data-dir', dataDir]).ended;
    assert.equal(code, 0, stderr);
    const { streams, projections, holders } = JSON.parse(stdout) as Record<string, object>;
    assert.equal(Object.values(streams ?? {}).length, allStreams.length);
    assert.ok(Object.values(projections ?? {}).length > 0);
    assert.equal(typeof holders, 'object');
    assert.equal(stderr, '', 'it needs no server of its own');
    const top = await runCli(['top', '--data-dir', dataDir]).ended;
    assert.match(top.stdout, /crunch-node top.*no open dead letters[\s\S]*predict[\s\S]*FEEDS/, top.stderr);

    const postgres = await serverPid(join(dataDir, 'postgres'));
    process.kill(postgres, 'SIGSTOP');
    try {
      const silent = await runCli(['status', '--data-dir', dataDir]).ended;
      assert.equal(silent.code, 0, silent.stderr);
      assert.match(silent.stdout, /Postgres cannot be asked: it does not answer within 2 s/);
      assert.match(silent.stdout, /FEEDS/);
    } finally {
      process.kill(postgres, 'SIGCONT');
    }
    child.kill('SIGTERM');
    assert.equal((await ended).code, 0);
  });

  it('leaves no temporary folder behind when it gets two signals to stop', async () => {
    const temporary = join(folder.path, 'temporary');
    await mkdir(temporary, { mode: 0o755 });
    const { child, ended, reaches } = runCli(['up', '--demo', '--port', '0'], { env: { ...env, TMPDIR: temporary } });
    await reaches('rounds', (output) => output.includes('rounds'));
    const demos = async (): Promise<readonly string[]> =>
      (await readdir(temporary)).filter((name) => name.startsWith('crunch-demo-'));
    assert.equal((await demos()).length, 1);
    child.kill('SIGINT');
    await reaches('the first signal to be handled', (output) => output.includes('stopping on'));
    child.kill('SIGINT');
    const { stderr } = await ended;
    assert.doesNotMatch(stderr, /left behind/);
    assert.deepEqual(await demos(), [], stderr);
  });

  it('shows rankings while history is replayed, and the last one when a signal stops it, with no process left', async () => {
    const dataDir = join(folder.path, 'stopped');
    const running = runCli(['up', '--demo', '--days', '20', '--port', '0', '--data-dir', dataDir], { env });
    const boards = (text: string): readonly string[] =>
      [...text.matchAll(/^Leaderboard at (.+), by score_recent$/gm)].map(([, at]) => at ?? '');
    await running.reaches('a first ranking', () => boards(running.results()).length > 0);
    assert.match(running.results(), /^Leaderboard at .+\n.*model.*\n(.*\n)*.*momentum/m);
    await running.reaches('the time that is left', (output) => output.includes(' left'));
    const [first = ''] = boards(running.results());
    const url = /API at (\S+),/.exec(running.output())?.[1];
    const ranked = async (): Promise<string> => (await fetch(`${url}/reports/leaderboard`)).text();
    const before = await ranked();
    await running.reaches('a later ranking', async () => (await ranked()) !== before);

    const servers = await Promise.all(['nats', 'postgres'].map((name) => serverPid(join(dataDir, name))));
    running.child.kill('SIGINT');
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /stopping on SIGINT/);
    assert.doesNotMatch(stderr, /could not stop/);
    const last = boards(stdout).at(-1) ?? '';
    assert.ok(last > first, `expected a ranking later than ${first} at the end, received ${last}`);
    for (const pid of servers) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  });
});

async function serverPid(folder: string): Promise<number> {
  const claim = JSON.parse(await readFile(join(folder, 'claim.json'), 'utf8')) as { server: { pid: number } };
  return claim.server.pid;
}
