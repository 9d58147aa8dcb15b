import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { modelIn } from './model-module.ts';
import type { SetupArguments } from './model-server.ts';

describe('the model of a module', () => {
  class Mine {
    readonly horizon: unknown;
    constructor(horizon?: number) {
      this.horizon = horizon;
    }
  }
  const none = { positional: [], keywords: new Map() };
  const of = async (module: object, setup: SetupArguments = none, name?: string) =>
    (await modelIn(async () => module as Record<string, unknown>, 'mine.ts', name))(setup);
  it('is made of its default class, or of the first one', async () => {
    assert.ok((await of({ default: Mine })) instanceof Mine);
    assert.ok((await of({ text: 'a', Mine })) instanceof Mine);
  });
  it('may be made by a function, or be an object', async () => {
    assert.ok((await of({ default: async () => new Mine() })) instanceof Mine);
    const model = { predict: () => 1 };
    assert.equal(await of({ default: model }), model);
  });
  it('is found where it was loaded as CommonJS', async () => {
    const inner = Object.defineProperty({ Mine }, '__esModule', { value: true });
    assert.ok((await of({ default: inner })) instanceof Mine);
  });
  it('is made with the arguments of Setup', async () =>
    assert.deepEqual(
      { ...(await of({ Mine }, { positional: [], keywords: new Map([['horizon', 5]]) })) },
      { horizon: 5 },
    ));
  it('is the export of a name, where one is given', async () => {
    class Other {}
    assert.ok((await of({ default: Mine, Other }, none, 'Other')) instanceof Other);
    await assert.rejects(of({ default: Mine }, none, 'Other'), /to export a model named Other, found default$/);
  });
  it('is missing with a reason', async () => {
    await assert.rejects(of({ default: () => 7 }), /the function of mine\.ts to return a model, received number$/);
    await assert.rejects(of({ a: 1 }), { name: 'BadImplementation', message: /to export a class.* found a$/ });
    const failing = modelIn(() => Promise.reject(new Error('no such package')), 'mine.ts');
    await assert.rejects(failing, { name: 'BadImplementation', message: /mine.ts cannot be loaded: no such package/ });
  });
});
