import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ModelBase } from '@crunch-node/challenge';
import { type CrunchDefinition, defineCrunch, demoPack } from '@crunch-node/config';
import type { JsonObject, Prediction } from '@crunch-node/streams';
import { recordsOf } from '../engine/history.ts';
import { runBacktest } from '../engine/run.ts';
import { askedModels, type ProcessModel } from './asked-models.ts';
import { loadTypeScript } from './load-typescript.ts';
import { startPython } from './python.ts';
import { withCopies } from './spread-over-time.ts';

const python = process.env.PYTHON ?? 'python3';
const missing =
  spawnSync(python, ['--version']).status === 0 ? false : `there is no ${python}: Python models are NOT tested`;
if (missing) process.stderr.write(`\nWARNING: ${missing}\n`);

const MINUTES = 400;
const config = defineCrunch({
  ...(demoPack as CrunchDefinition),
  feed: { ...demoPack.feed, options: { count: String(MINUTES), seed: 'python' } },
  model_timeout_seconds: 3,
});

class Mean extends ModelBase {
  override predict(subject: string): { value: number } {
    const closes = this.closes(subject);
    return { value: closes.length < 6 ? 0 : (closes.at(-1)! / closes.at(-6)! - 1) * 100 };
  }
}

const MEAN = `
from starter_challenge import TrackerBase
class Mean(TrackerBase):
    def predict(self, subject, horizon, step):
        closes = self.closes(subject)
        print("what a model prints is not an answer")
        return {"value": 0 if len(closes) < 6 else (closes[-1] / closes[-6] - 1) * 100}
`;

/** At places of the feed's own: late, raising, not a number, nothing, and greedy with its input. */
const ODD = `
import time
class Odd:
    def tick(self, data):
        self.asof = data["asof_ts"]
        self.seen = len(data["candles_1m"])
        data["candles_1m"].clear()
    def predict(self, subject, horizon, step):
        minute = self.asof // 60
        if subject == "BTCUSDT" and minute % 300 == 7: time.sleep(3.2)
        if minute % 10 == 3: raise ValueError("three")
        if minute % 10 == 4: return {"value": float("nan")}
        if minute % 10 == 5: return None
        if minute % 10 == 6: return True
        return {"value": self.seen / 1000}
`;

describe('a model of Python', { skip: missing }, () => {
  let folder: string;
  const opened: ProcessModel[] = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crunch-python-'));
  });
  after(async () => {
    for (const { process } of opened) await process.close();
    await rm(folder, { recursive: true });
  });
  async function open(name: string, text: string, modelArguments: JsonObject = {}): Promise<ProcessModel> {
    await writeFile(join(folder, name), text);
    const model = await startPython(name, { cwd: folder, env: process.env, python, modelArguments });
    opened.push(model);
    return model;
  }

  it('has the same figures as in TypeScript, and the failures of production', async () => {
    const local = { model_id: 'ts', model_name: 'ts', cruncher_id: 'c', cruncher_name: 'c', create: () => new Mean() };
    const models = await askedModels(config, [local], [await open('mean.py', MEAN), await open('odd.py', ODD)]);
    const run = await runBacktest({ config, configHash: 'python', models, records: recordsOf(config) });
    const of = (id: string): Prediction[] =>
      run.predicted.flatMap(({ data }) => data.predictions.filter(({ model_id }) => model_id === id));
    assert.deepEqual(
      of('mean').flatMap(({ reason }) => reason ?? []),
      [],
    );
    assert.deepEqual(
      of('mean').map(({ inference_output }) => inference_output),
      of('ts').map(({ inference_output }) => inference_output),
    );
    assert.equal(of('mean').length, 2 * MINUTES);
    const odd = of('odd');
    const count = (reason: RegExp): number => odd.filter((one) => reason.test(one.reason ?? '')).length;
    assert.equal(count(/^MODEL_FAILED: three$/), 80);
    assert.ok(count(/DEADLINE_EXCEEDED/) >= 1);
    // Called no more for a while, as in production.
    assert.ok(count(/cool-down/) >= 1);
    assert.equal(count(/expected .*value/i) >= 120, true);
    const answered = odd.filter(({ status }) => status === 'PENDING');
    assert.deepEqual(answered.at(-1)?.inference_output, { value: 0.12 });
    assert.ok(answered.length > 300);
    const scores = run.leaderboard!.data.entries.filter(({ model_id }) => model_id !== 'odd');
    assert.equal(new Set(scores.map(({ score }) => JSON.stringify(score.metrics))).size, 1);
  });

  it('answers the same in two processes when it is stateless, also where an answer is late', async () => {
    const text = `
import time
class Steady:
    stateless = True
    closes = {}
    def feed_update(self, data):
        self.asof = data["asof_ts"]
        self.closes = {**self.closes, data["symbol"]: data["candles_1m"][-1]["close"]}
    def predict(self, subject, horizon, step):
        if subject == "BTCUSDT" and self.asof // 60 % 300 == 250: time.sleep(3.2)
        return {"value": sum(self.closes.values()) / 1e6}
`;
    const first = await open('steady.py', text);
    assert.equal(first.isStateless, true);
    const again = () => startPython('steady.py', { cwd: folder, env: process.env, python });
    const runs = [];
    for (const copies of [1, 2]) {
      const model = await withCopies(copies === 1 ? first : await again(), again, {
        copies,
        updateMethod: 'feed_update',
      });
      opened.push(model);
      const models = await askedModels(config, [], [model]);
      const run = await runBacktest({ config, configHash: 'steady', models, records: recordsOf(config) });
      runs.push(run.predicted.flatMap(({ data }) => data.predictions));
    }
    const [one, two] = runs as [Prediction[], Prediction[]];
    assert.ok(one.some(({ reason }) => /DEADLINE_EXCEEDED/.test(reason ?? '')));
    const figures = (of: readonly Prediction[]) =>
      of.map(({ inference_output, reason }) => ({ inference_output, reason }));
    assert.deepEqual(figures(two), figures(one));
  });

  it('is made with the arguments of the configuration, as in TypeScript, and is the class a runner finds first', async () => {
    const text = `
class Scaled:
    def __init__(self, factor):
        self.factor = factor
    def feed_update(self, data):
        pass
    def predict(self, *scope):
        return {"value": self.factor / 4}

class Zero(Scaled):
    def predict(self, *scope):
        return {"value": 0}
`;
    await writeFile(
      join(folder, 'scaled.ts'),
      'export class Scaled { constructor(factor) { this.factor = factor; } feedUpdate() {} predict() { return { value: this.factor / 4 }; } }',
    );
    const model_arguments = { factor: 3 };
    const models = await askedModels(
      { ...config, model_arguments },
      [await loadTypeScript('scaled.ts', folder)],
      [await open('scaled-python.py', text, model_arguments)],
    );
    const run = await runBacktest({ config, configHash: 'arguments', models, records: recordsOf(config) });
    const answers = run.predicted.flatMap(({ data }) => data.predictions);
    assert.deepEqual(new Set(answers.map(({ model_id }) => model_id)), new Set(['scaled', 'scaled-python']));
    assert.deepEqual(
      new Set(answers.map(({ inference_output }) => JSON.stringify(inference_output))),
      new Set(['{"value":0.75}']),
    );
  });

  it('is refused with the reason when the file holds no model', async () => {
    await assert.rejects(open('none.py', 'x = 1'), /class with a method predict/);
    await assert.rejects(open('broken.py', 'import nothing_of_that_name'), /nothing_of_that_name/);
    await assert.rejects(startPython('missing.py', { cwd: folder, env: process.env }), /received nothing there/);
  });
});
