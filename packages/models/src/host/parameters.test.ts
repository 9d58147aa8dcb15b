import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runInThisContext } from 'node:vm';
import { placed } from './parameters.ts';

describe('the places of keyword arguments', () => {
  const keywords = new Map<string, string | number>([
    ['resolve_horizon', 60],
    ['step', 15],
    ['elsewhere', 1],
  ]);
  const cases: readonly (readonly [name: string, source: string, expected: readonly unknown[]])[] = [
    ['a method', '({ predict(asset, resolve_horizon, step) {} }).predict', ['BTC', 60, 15]],
    ['camel case', '(asset, resolveHorizon) => 1', ['BTC', 60]],
    ['another order', '(asset, step, resolveHorizon) => 1', ['BTC', 15, 60]],
    ['a default value with commas', '(asset = [1, { a: [2, 3] }], step = Math.max(1, 2)) => 1', ['BTC', 15]],
    ['one bare name', 'async asset => asset', ['BTC']],
    ['no parameters', '() => 1', ['BTC']],
    ['a parameter nothing was sent for', '(asset, other, step) => 1', ['BTC', undefined, 15]],
    ['a destructured parameter', '(asset, { step }, resolveHorizon) => 1', ['BTC', undefined, 60]],
    ['a rest parameter', '(...all) => all', ['BTC']],
    ['remarks', '(function predict(asset /* step, */, step, // resolveHorizon\n) {})', ['BTC', 15]],
  ];
  for (const [name, source, expected] of cases) {
    it(`are found in ${name}`, () => {
      // From text, since compiling a test may rename parameters.
      const method = runInThisContext(source) as object;
      assert.deepEqual(placed(method, ['BTC'], keywords), expected);
    });
  }
  it('leaves a call without keywords as it is', () =>
    assert.deepEqual(
      placed(() => 1, ['a', 'b'], new Map()),
      ['a', 'b'],
    ));
});
