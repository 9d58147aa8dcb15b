import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { placed } from './parameters.ts';

describe('the places of keyword arguments', () => {
  const keywords = new Map<string, string | number>([
    ['resolve_horizon', 60],
    ['step', 15],
    ['elsewhere', 1],
  ]);
  const cases: readonly (readonly [string, object, readonly unknown[]])[] = [
    [
      'a method',
      {
        predict(asset: string, resolve_horizon: number, step: number) {
          return [asset, resolve_horizon, step];
        },
      }.predict,
      ['BTC', 60, 15],
    ],
    ['camel case', (asset: string, resolveHorizon: number) => [asset, resolveHorizon], ['BTC', 60]],
    [
      'another order',
      (asset: string, step: number, resolveHorizon: number) => [asset, step, resolveHorizon],
      ['BTC', 15, 60],
    ],
    ['a default value with commas', (asset = [1, { a: [2, 3] }], step = Math.max(1, 2)) => [asset, step], ['BTC', 15]],
    ['one bare name', async (asset: string) => asset, ['BTC']],
    ['no parameters', () => 1, ['BTC']],
    [
      'a parameter nothing was sent for',
      (asset: string, other: number, step: number) => [asset, other, step],
      ['BTC', undefined, 15],
    ],
    [
      'a destructured parameter',
      (asset: string, { step }: { step: number }, resolveHorizon: number) => [asset, step, resolveHorizon],
      ['BTC', undefined, 60],
    ],
    ['a rest parameter', (...all: unknown[]) => all, ['BTC']],
    [
      'remarks',
      function predict(
        asset: string /* step, */,
        step: number, // resolveHorizon
      ) {
        return [asset, step];
      },
      ['BTC', 15],
    ],
  ];
  for (const [name, method, expected] of cases) {
    it(`are found in ${name}`, () => assert.deepEqual(placed(method, ['BTC'], keywords), expected));
  }
  it('leaves a call without keywords as it is', () =>
    assert.deepEqual(
      placed(() => 1, ['a', 'b'], new Map()),
      ['a', 'b'],
    ));
});
