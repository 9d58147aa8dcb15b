import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Type } from '@sinclair/typebox';
import fc from 'fast-check';
import { validateOutput } from './validate-output.ts';

const value = Type.Object({ value: Type.Number({ default: 0 }) });
const order = Type.Object({
  action: Type.Union([Type.Literal('buy'), Type.Literal('sell')], { default: 'buy' }),
  amount: Type.Number({ minimum: 0 }),
  note: Type.Optional(Type.String()),
});
const errorOf = (type: typeof value | typeof order, output: unknown): string => {
  const validated = validateOutput(type, output as never);
  return validated.ok ? 'accepted' : validated.error;
};

describe('the output of a model', () => {
  it('is coerced and completed, and keeps undeclared keys', () => {
    assert.deepEqual(validateOutput(value, { value: ' 1_000.5 ', why: 'trend' }), {
      ok: true,
      output: { value: 1000.5, why: 'trend' },
    });
    assert.deepEqual(validateOutput(order, { amount: 2 }), { ok: true, output: { amount: 2, action: 'buy' } });
  });

  it('is refused outside the bounds of its type, with the field, the bound and the value', () => {
    const bounded = Type.Object({
      value: Type.Number({ minimum: -10, maximum: 10 }),
      path: Type.Optional(Type.Array(Type.Number({ maximum: 5 }))),
    });
    const refused = (output: unknown): string => errorOf(bounded as never, output);
    assert.equal(refused({ value: 1.5e307 }), 'value: expected at most 10, received 1.5e+307');
    assert.equal(refused({ value: '-11' }), 'value: expected at least -10, received -11');
    assert.equal(refused({ value: 1, path: [1, 7] }), 'path: 1: expected at most 5, received 7');
    assert.equal(refused({ value: 10 }), 'accepted');
  });

  it('must have at least one declared field', () => {
    assert.equal(errorOf(value, {}), 'expected at least one of value, received an empty object');
    assert.equal(errorOf(value, { signal: 1 }), 'expected at least one of value, received signal');
    assert.equal(errorOf(value, null), 'expected an object');
    assert.equal(errorOf(value, [1]), 'expected an object');
  });

  it('has every field that is required', () => {
    const quantiles = Type.Object({
      q10: Type.Number(),
      q50: Type.Number(),
      q90: Type.Number(),
      why: Type.Optional(Type.String()),
    });
    const errorIn = (output: object): string => errorOf(quantiles as never, output);
    assert.equal(errorIn({ q10: 1, q50: 2, q90: 3 }), 'accepted');
    assert.equal(errorIn({}), 'expected q10, q50, q90, received an empty object');
    assert.equal(errorIn({ value: 1 }), 'expected q10, q50, q90, received value');
    assert.equal(errorIn({ why: 'x' }), 'expected q10, q50, q90, received why: q10, q50, q90 are missing');
    assert.equal(errorIn({ q50: 1 }), 'expected q10, q50, q90, received q50: q10, q90 are missing');
    assert.equal(errorIn({ q10: 1, q50: 2 }), 'q90: expected a value, received none');
  });

  it('is refused with the field and its fault', () => {
    assert.equal(
      errorOf(order, { action: 'hold', amount: 1 }),
      'action: expected one of "buy", "sell", received "hold"',
    );
    assert.equal(errorOf(order, { amount: -1 }), 'amount: expected at least 0, received -1');
    assert.equal(errorOf(order, { action: 'buy' }), 'amount: expected a value, received none');
    assert.equal(errorOf(order, { amount: 1, note: 5 }), 'note: expected string, received 5');
  });

  it('has finite numbers, and booleans are none', () => {
    assert.match(errorOf(value, { value: Number.NaN }), /^value: expected a finite number/);
    assert.match(errorOf(value, { value: 'inf' }), /^value: expected a finite number/);
    assert.match(
      errorOf(value, { value: 1, extra: { deep: [Number.POSITIVE_INFINITY] } }),
      /^extra.deep.0: expected a finite/,
    );
    assert.match(errorOf(value, { value: true }), /^value: expected a number/);
    assert.deepEqual(validateOutput(value, { value: true }, { profile: 'legacy' }), { ok: true, output: { value: 1 } });
  });

  it('has a largest size and depth', () => {
    assert.match(errorOf(value, { value: 1, text: 'x'.repeat(70_000) }), /size/);
    assert.match(errorOf(value, { value: 1, many: new Array(10_000).fill(0) }), /size/);
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    assert.match(errorOf(value, { value: 1, deep }), /levels/);
  });

  it('is refused if JSON would change it', () =>
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: false }), fc.anything({ maxDepth: 2 }), (answers, extra) => {
        const validated = validateOutput(value, { value: answers, extra } as never);
        if (!validated.ok) return;
        assert.equal(typeof validated.output.value, 'number');
        assert.ok(Number.isFinite(validated.output.value));
      }),
    ));
});
