/** The commands for models, with models in TypeScript. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type TempDir, tempDir } from '@crunch-node/embedded';
import { runCli } from '../testing/run-cli.ts';

const model = (answer: string) => `
export default class Mine {
  feedUpdate(data: { symbol: string }) { console.log('shown', data.symbol); }
  predict(subject: string) { return ${answer}; }
}
`;

describe('models on this machine', () => {
  let folder: TempDir;
  let dataDir: string;
  before(async () => {
    folder = await tempDir('crunch-models-');
    dataDir = join(folder.path, 'data');
    await mkdir(join(folder.path, 'models'));
    await writeFile(join(folder.path, 'models', 'good.ts'), model('{ value: 0.5 }'));
    await writeFile(
      join(folder.path, 'models', 'odd.ts'),
      model("subject === 'BTCUSDT' ? { value: 1 } : { value: Number.NaN }"),
    );
    await writeFile(join(folder.path, 'models', 'broken.ts'), 'export const nothing = 1;');
  });
  after(() => folder.remove());
  const cli = (...args: readonly string[]) => runCli(args, { cwd: folder.path });
  const control = async (...args: readonly string[]) => cli('models', ...args, '--data-dir', dataDir).ended;

  it('are checked, and what would fail is shown with its reason', async () => {
    const { code, stdout } = await cli('check-models', '--demo', '--json', 'models').ended;
    assert.equal(code, 1);
    const reports = JSON.parse(stdout) as {
      model_id: string;
      fault: string | null;
      calls: { what: string; fault: string | null }[];
    }[];
    assert.deepEqual(
      reports.map(({ model_id }) => model_id),
      ['broken', 'good', 'odd'],
    );
    assert.match(reports[0]!.fault ?? '', /^BAD_IMPLEMENTATION: expected broken.ts to export a class/);
    assert.deepEqual(
      reports[2]!.calls.filter(({ fault }) => fault !== null).map(({ what, fault }) => `${what}: ${fault}`),
      ['1 record', '120 records'].map(
        (after) => `predict ethusdt-120s, after ${after}: value: expected a finite number, received NaN`,
      ),
    );
  });

  it('run until they are stopped, and are listed, restarted and read by other commands', async () => {
    const before = await control('list');
    assert.equal(before.code, 1);
    assert.match(before.stderr, /expected models that run, found no .*control\.json/);
    const running = cli('models', 'run', 'models/good.ts', 'models/absent.ts', '--port', '0', '--data-dir', dataDir);
    await running.reaches('the models to be announced', (output) => /announcing models at ws:/.test(output));
    assert.match(running.output(), /warning: expected a model at models\/absent\.ts/);
    assert.match((await control('list')).stdout, /good +good +running +0/);
    assert.match((await control('stop', 'good')).stderr, /model good stopped/);
    assert.match((await control('logs', 'good', '-n', '1')).stdout, /^serving .*good\.ts at 127\.0\.0\.1:\d+\n$/);
    const unknown = await control('restart', 'other');
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /expected the id of a model \(good\), received other/);
    running.child.kill('SIGINT');
    assert.equal((await running.ended).code, 0);
  });

  it('are ranked together with the examples of a demo', async () => {
    const args = ['up', '--demo', '--once', '--days', '0.005', '--port', '0', '--models', 'models/good.ts'];
    const { code, stdout, stderr } = await cli(...args, '--data-dir', join(folder.path, 'up')).ended;
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\d +good +local-dev/);
    assert.match(stdout, /\d +mean-reversion +local-dev/);
  });
});
