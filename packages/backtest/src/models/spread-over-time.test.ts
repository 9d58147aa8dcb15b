import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CrunchDefinition, defineCrunch, demoPack } from '@crunch-node/config';
import { type LocalModel, localPool } from '@crunch-node/models';
import type { JsonObject, Prediction } from '@crunch-node/streams';
import { type CheckOptions, checkModels } from '../engine/checks.ts';
import { recordsOf } from '../engine/history.ts';
import { type AskedModels, type BacktestRun, runBacktest } from '../engine/run.ts';
import { askedModels, type ProcessModel } from './asked-models.ts';
import { type ModelProcess, ModelProcessFailed } from './model-process.ts';
import { withCopies } from './spread-over-time.ts';
import { ThreadHost } from './thread-host.ts';

const config = defineCrunch({
  ...(demoPack as CrunchDefinition),
  feed: { ...demoPack.feed, options: { count: '400', seed: 'spread' } },
  cycle_seconds: 3_600,
  ensembles: [],
  metrics: [],
});
const settings = { config, configHash: 'spread' };

interface Input {
  readonly symbol: string;
  readonly candles_1m: readonly { readonly close: number }[];
}

/** Compares the subject with the other one: what it answers needs the latest update of both. */
class Pair {
  readonly stateless = true;
  readonly #closes = new Map<string, readonly number[]>();
  feedUpdate({ symbol, candles_1m }: Input): void {
    this.#closes.set(
      symbol,
      candles_1m.map(({ close }) => close),
    );
  }
  predict(subject: string): JsonObject {
    const sums = [...this.#closes].map(([symbol, closes]) => {
      const sum = closes.reduce((a, b) => a + b, 0) / closes.length / closes.at(-1)!;
      return symbol === subject ? sum : sum / 2;
    });
    return { value: sums.reduce((a, b) => a - b, 0) / 10 };
  }
}

class Counter extends Pair {
  #updates = 0;
  override feedUpdate(input: Input): void {
    this.#updates++;
    super.feedUpdate(input);
  }
  override predict(): JsonObject {
    return { value: this.#updates / 1e6 };
  }
}

/** A model in this thread behind the interface of another process. */
async function started(create: () => Pair): Promise<ProcessModel & { readonly asked: () => number }> {
  const names = { model_id: 'pair', model_name: 'pair', cruncher_id: 'c', cruncher_name: 'c' };
  const model: LocalModel = { ...names, create };
  const host = new ThreadHost('pair', await localPool([model]));
  let asked = 0;
  let last: Promise<unknown> = Promise.resolve();
  const process: ModelProcess = {
    ask(request) {
      asked += Number(request.calls.length > 0);
      const reply = last.then(() => host.run(JSON.parse(JSON.stringify(request))));
      last = reply.catch(() => undefined);
      return reply;
    },
    reset: async () => ({ isStateless: create().stateless }),
    close: async () => undefined,
  };
  return { names, process, isStateless: create().stateless, asked: () => asked };
}

async function spread(create: () => Pair, copies: number): Promise<{ models: AskedModels; asked(): number[] }> {
  const asked: (() => number)[] = [];
  const start = async (): Promise<ProcessModel> => {
    const one = await started(create);
    asked.push(one.asked);
    return one;
  };
  const process = await withCopies(await start(), start, { copies, updateMethod: config.feed_update_method });
  const models = await askedModels(config, [], [process]);
  return { models, asked: () => asked.map((count) => count()) };
}

const run = (models: AskedModels): Promise<BacktestRun> =>
  runBacktest({ ...settings, models, records: recordsOf(config) });
const answersOf = ({ predicted }: BacktestRun): Prediction[] => predicted.flatMap(({ data }) => data.predictions);

describe('a stateless model in several processes', () => {
  it('answers what one process answers, and all of them are asked', async () => {
    const one = await spread(() => new Pair(), 1);
    const three = await spread(() => new Pair(), 3);
    const expected = answersOf(await run(one.models));
    assert.equal(expected.length, 800);
    assert.equal(new Set(expected.map(({ inference_output }) => JSON.stringify(inference_output))).size > 750, true);
    assert.deepEqual(answersOf(await run(three.models)), expected);
    assert.equal(one.asked().length, 1);
    assert.deepEqual(three.asked(), [2, 1, 1]);
  });

  it('is found to keep a state, where it does', async () => {
    const { models } = await spread(() => new Counter(), 2);
    const checked = {
      ...settings,
      run: await run(models),
      fresh: async () => (await spread(() => new Counter(), 1)).models,
      close: async () => undefined,
    };
    const kinds = async (more: Partial<CheckOptions<AskedModels>>): Promise<string[]> =>
      (await checkModels({ ...checked, ...more })).map(({ kind }) => kind);
    assert.deepEqual(await kinds({ copies: models.copies! }), ['not stateless']);
    const inOrder = await spread(() => new Counter(), 1);
    assert.deepEqual(await kinds({ run: await run(inOrder.models), copies: inOrder.models.copies! }), []);
  });

  it('has one process where it does not declare to be stateless', async () => {
    const first = { ...(await started(() => new Pair())), isStateless: false };
    const again = () => assert.fail('expected no other copy');
    assert.equal(await withCopies(first, again, { copies: 4, updateMethod: 'feed_update' }), first);
  });

  it('is closed where one of its processes does not start', async () => {
    let [begun, closed] = [1, 0];
    const first = await started(() => new Pair());
    const counted = { ...first, process: { ...first.process, close: async () => void closed++ } };
    const again = async () => {
      if (++begun === 3) throw new ModelProcessFailed('no memory');
      return counted;
    };
    await assert.rejects(withCopies(counted, again, { copies: 4, updateMethod: 'feed_update' }), /no memory/);
    assert.deepEqual([begun, closed], [3, 2]);
  });
});
