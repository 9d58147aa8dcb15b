/** Models in TypeScript, each in a process of its own. */
import assert from 'node:assert/strict';
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { type TempDir, tempDir } from '@crunch-node/embedded';
import { until } from '@crunch-node/embedded/testing';
import { connectModels, encodeCall, type ModelPool } from '@crunch-node/models';
import { startControl } from './control.ts';
import { controlClient } from './control-client.ts';
import { follower } from './follow.ts';
import { type ModelRuns, type ModelRunsOptions, startModelRuns } from './model-runs.ts';
import { modelsIn } from './wanted.ts';

const limits = { deadlineMs: 20_000, patient: false };
const MODEL = `
import { appendFileSync } from 'node:fs';
const kept = [];
export default class Mine {
  constructor(horizon = 60) { this.horizon = horizon; }
  feedUpdate() {}
  predict(subject) { console.log('asked about', subject); return { value: VALUE, horizon: this.horizon }; }
  grow() { for (let i = 0; i < 40; i++) kept.push(Buffer.alloc(10_000_000, 1)); return kept.length; }
  spin() { const end = Date.now() + 1500; while (Date.now() < end); return 1; }
  end() { process.exit(7); }
}
`;

describe('models in processes of their own', () => {
  let folder: TempDir;
  let count = 0;
  before(async () => {
    folder = await tempDir('crunch-runs-');
  });
  after(() => folder.remove());

  interface Scene {
    readonly models: string;
    readonly runs: ModelRuns;
    readonly pool: ModelPool;
    readonly faults: string[];
    /** looks at the folder again */
    look(): Promise<void>;
    write(name: string, value: number): Promise<void>;
    ask(id: string, method?: string): Promise<unknown>;
  }
  async function scene(t: TestContext, options: Partial<ModelRunsOptions> = {}, limited?: object): Promise<Scene> {
    const models = join(folder.path, String(count++));
    await mkdir(models);
    const runs = await startModelRuns({ crunchId: null, folder: `${models}-runs`, restartMs: [10, 50], ...options });
    const pool = connectModels({
      orchestratorUrl: runs.url,
      crunchId: 'any',
      baseClassname: 'any.Base',
      modelArguments: { horizon: 5 },
      timing: { backOffMs: [10, 50] },
    });
    t.after(async () => {
      await pool.close();
      await runs.close();
    });
    const faults: string[] = [];
    const limitsOfRun = limited && { memoryBytes: null, cpuSeconds: null, wallSeconds: null, ...limited };
    return {
      models,
      runs,
      pool,
      faults,
      look: follower(runs, modelsIn(models, null, limitsOfRun), (fault) => faults.push(fault)),
      write: (name, value) => writeFile(join(models, name), MODEL.replace('VALUE', String(value))),
      async ask(id, method = 'predict') {
        await pool.settled([id], AbortSignal.timeout(20_000));
        const args = method === 'predict' ? ([{ type: 'STRING', value: 'BTC' }] as const) : [];
        return (await pool.call(id, encodeCall(method, args), limits)).result;
      },
    };
  }
  const stateOf = ({ runs }: Scene, id: string) => runs.states().find(({ model_id }) => model_id === id)!;

  it('come from a folder, are called, and are restarted when their code changes', async (t) => {
    const it = await scene(t, { watch: true });
    await it.write('mine.ts', 1);
    await it.look();
    assert.deepEqual(await it.ask('mine'), { value: 1, horizon: 5 });
    const before = stateOf(it, 'mine');
    assert.match(await readFile(before.log_file, 'utf8'), /asked about BTC/);
    await it.write('mine.ts', 2);
    await utimes(join(it.models, 'mine.ts'), new Date(), new Date(Date.now() + 5_000)); // a coarse clock
    await until('the new code', async () => ((await it.ask('mine')) as { value?: number } | undefined)?.value === 2);
    assert.ok(stateOf(it, 'mine').deployment_id > before.deployment_id);
  });

  it('recover after they ended, and are given up on when they keep ending', async (t) => {
    const it = await scene(t, { mostCrashes: 2 });
    await it.write('mine.ts', 1);
    await it.look();
    const { deployment_id } = stateOf(it, 'mine');
    await it.ask('mine', 'end');
    await until(
      'it to run again',
      () => stateOf(it, 'mine').restarts === 1 && stateOf(it, 'mine').status === 'RUNNER_RUNNING',
    );
    assert.equal(stateOf(it, 'mine').deployment_id, deployment_id);
    await until('it to answer', async () => (await it.ask('mine')) !== undefined);
    await it.ask('mine', 'end');
    await until('it to be given up on', () => /given up/.test(stateOf(it, 'mine').status_message ?? ''));
    assert.match(stateOf(it, 'mine').status_message ?? '', /^ended with code 7, 2 times in a row: given up on$/);
    await it.runs.restart('mine');
    await until('it to answer again', async () => (await it.ask('mine')) !== undefined);
  });

  for (const [what, limited, method, expected] of [
    ['memory', { memoryBytes: 250 * 1024 * 1024 }, 'grow', /^expected at most 250 MiB of memory, used \d{3,} MiB/],
    ['processor time', { cpuSeconds: 1.5 }, 'spin', /^expected at most 1.5 s of processor time, used \d\.\d s/],
    ['time', { wallSeconds: 0.5 }, 'predict', /^expected a run of at most 0.5 s, ran for \d+\.\d s/],
  ] as const) {
    it(`are ended when they pass their limit of ${what}`, async (t) => {
      const it = await scene(t, { mostCrashes: 1 }, limited);
      await it.write('mine.ts', 1);
      await it.look();
      const asked =
        stateOf(it, 'mine').status === 'RUNNER_RUNNING' ? it.ask('mine', method).catch(() => undefined) : null;
      await until('it to be ended', () => stateOf(it, 'mine').status === 'RUNNER_FAILED', {
        seen: () => it.runs.states(),
      });
      assert.match(stateOf(it, 'mine').status_message ?? '', expected);
      await it.pool.close();
      await asked;
    });
  }

  it('follow a list: states, names, new ones, and entries that are wrong', async (t) => {
    const it = await scene(t);
    const code = join(it.models, 'submissions', 'mean');
    await mkdir(code, { recursive: true });
    await writeFile(join(code, 'main.ts'), MODEL.replace('VALUE', '3'));
    const list = (entries: string) => writeFile(join(it.models, 'models.dev.yml'), `models:\n${entries}`);
    const entry = (id: string, state: string, submission = 'mean') =>
      `  - id: "${id}"\n    submission_id: ${submission}\n    crunch_id: starter\n    desired_state: ${state}\n    model_name: m${id}\n    cruncher_name: local-dev\n    cruncher_id: local-000${id}\n`;
    await list(
      entry('1', 'RUNNING') + entry('2', 'STOPPED') + entry('3', 'RUNNING', 'absent') + entry('4', 'SLEEPING'),
    );
    await it.look();
    assert.deepEqual(await it.ask('1'), { value: 3, horizon: 5 });
    assert.deepEqual(
      it.runs.states().map(({ model_id, status }) => `${model_id} ${status}`),
      ['1 RUNNER_RUNNING', '2 RUNNER_STOPPED'],
    );
    assert.equal(it.faults.length, 2);
    assert.match(it.faults.join('\n'), /models\[3\]\.desired_state: expected RUNNING or STOPPED, received "SLEEPING"/);
    assert.match(it.faults.join('\n'), /model 3: expected a model at .*absent/);
    await it.runs.stop('1');
    await it.look();
    assert.equal(stateOf(it, '1').status, 'RUNNER_STOPPED', 'what was stopped by hand stays so');
    await list(entry('2', 'RUNNING'));
    await it.look();
    assert.deepEqual(await it.ask('2'), { value: 3, horizon: 5 });
    assert.deepEqual(
      it.runs.states().map(({ model_id }) => model_id),
      ['2'],
    );
    assert.equal(it.faults.length, 2, 'a fault is reported once');
  });

  it('are controlled only by users who may read the file', async (t) => {
    const it = await scene(t);
    await it.write('mine.ts', 1);
    await it.look();
    await it.ask('mine');
    const file = join(it.models, 'control.json');
    const control = await startControl({ runs: it.runs, crunchId: null, file });
    t.after(() => control.close());
    await assert.rejects(startControl({ runs: it.runs, crunchId: null, file }), { name: 'ModelsRunThere' });
    const client = await controlClient(file);
    assert.equal((await fetch(`${control.address.url}/models`)).status, 401);
    assert.deepEqual(
      (await client.list()).map(({ id, status }) => `${id} ${status}`),
      ['mine RUNNER_RUNNING'],
    );
    assert.match(await client.logs('mine'), /asked about BTC/);
    assert.equal((await client.desire('mine', 'STOPPED')).status, 'RUNNER_STOPPED');
    assert.equal((await client.restart('mine')).status, 'RUNNER_RUNNING');
    await assert.rejects(client.restart('other'), /expected the id of a model \(mine\), received other/);
    await control.close();
    await assert.rejects(controlClient(file), /expected models that run/);
  });
});
