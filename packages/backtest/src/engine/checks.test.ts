import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CrunchDefinition, defineCrunch, demoPack } from '@crunch-node/config';
import type { LocalModel } from '@crunch-node/models';
import { inProcess } from '../models/in-process.ts';
import { checkModels } from './checks.ts';
import { recordsOf } from './history.ts';
import { runBacktest } from './run.ts';

const config = defineCrunch({
  ...(demoPack as CrunchDefinition),
  feed: { ...demoPack.feed, options: { count: '40' } },
  ensembles: [],
});
const settings = { config, configHash: 'checks' };

interface Input {
  readonly symbol: string;
  readonly asof_ts: number;
  readonly candles_1m: { close: number }[];
}

const model = (model_id: string, answer: (input: Input) => unknown): LocalModel => ({
  model_id,
  model_name: model_id,
  cruncher_id: 'c',
  cruncher_name: 'c',
  create() {
    let latest: Input;
    return {
      feed_update: (input: Input) => {
        latest = input;
      },
      predict: () => answer(latest),
    };
  },
});

const run = async (models: readonly LocalModel[]) =>
  runBacktest({ ...settings, models: await inProcess(models), records: recordsOf(config) });

describe('checks of models', () => {
  it('name those that look ahead or are not deterministic, and no others', async () => {
    // Stands for data a model could read elsewhere: it ends with the history.
    let end = 40;
    let calls = 0;
    const models = [
      model('honest', ({ candles_1m }) => ({ value: candles_1m.length / 100 })),
      model('ahead', () => ({ value: end / 100 })),
      model('dice', () => ({ value: ++calls / 1e6 })),
      model('raises', () => assert.fail('always the same')),
    ];
    const complete = await run(models);
    const findings = await checkModels({
      ...settings,
      run: complete,
      fresh: async () => {
        end = 10;
        return inProcess(models);
      },
      close: async () => undefined,
    });
    assert.deepEqual(
      findings.map(({ model_id, kind }) => `${model_id} ${kind}`),
      ['ahead looks ahead', 'dice not deterministic'],
    );
  });

  it('show that a model cannot disturb another by changing its input', async () => {
    const sorter = model('sorter', ({ candles_1m }) => ({ value: candles_1m.splice(0).length / 100 }));
    const counter = (id: string) => model(id, ({ candles_1m }) => ({ value: candles_1m.length / 100 }));
    const { predicted } = await run([sorter, counter('a'), counter('z')]);
    const answers = predicted.at(-1)!.data.predictions.map(({ inference_output }) => inference_output.value);
    assert.deepEqual(answers, [0.4, 0.4, 0.4]);
  });
});
