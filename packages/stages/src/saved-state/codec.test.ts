import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anyText } from '@crunch-node/streams/testing';
import fc from 'fast-check';
import { decodeState, encodeState } from './codec.ts';
import { NotSavable } from './describe.ts';

async function written(state: unknown): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of encodeState(state)) parts.push(part);
  return Buffer.concat(parts);
}
const again = async (state: unknown): Promise<unknown> => decodeState(await written(state));

const leaf = fc.oneof(
  anyText(),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.bigInt(),
  fc.constantFrom(null, undefined, -0, Number.NaN, Number.NEGATIVE_INFINITY, '\ud800', '__proto__', ''),
  fc.float64Array(),
  fc.int32Array(),
  fc.uint8Array(),
);
const key = fc.oneof(anyText(), fc.constantFrom('__proto__', '1', '0', 'constructor', 'at'));
const { any } = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('any')),
    fc.array(fc.double({ noDefaultInfinity: false })),
    fc.array(fc.record({ at: fc.double(), value: fc.double() }), { maxLength: 20 }),
    fc.dictionary(key, tie('any')),
    fc.dictionary(key, tie('any'), { noNullPrototype: true }),
    fc.array(fc.tuple(tie('any'), tie('any'))).map((entries) => new Map(entries)),
    fc.array(tie('any')).map((items) => new Set(items)),
  ),
}));

/** deepStrictEqual ignores the order of sets and maps; stages depend on it. */
const inOrder = (value: unknown): unknown =>
  value instanceof Map || value instanceof Set
    ? [value.constructor.name, [...value].flat().map(inOrder)]
    : Array.isArray(value)
      ? value.map(inOrder)
      : typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
        ? [Object.getPrototypeOf(value), Object.entries(value).map(([name, held]) => [name, inOrder(held)])]
        : value;

describe('encoding a saved state', () => {
  it('round-trips every supported value', () =>
    fc.assert(
      fc.asyncProperty(any, async (state) => {
        const back = await again(state);
        assert.deepStrictEqual(back, state);
        assert.deepStrictEqual(inOrder(back), inOrder(state));
      }),
      { numRuns: 300 },
    ));

  it('keeps shared references and cycles', async () => {
    const numbers = Float64Array.of(1, 2);
    const column = { numbers, names: ['a', 'b'] };
    const state = { columns: [column, column], orders: new Map([['x', { columns: [column] }]]), numbers, self: {} };
    state.self = state;
    const back = (await again(state)) as typeof state;
    assert.equal(back.columns[0], back.columns[1]);
    assert.equal(back.orders.get('x')?.columns[0], back.columns[0]);
    assert.equal(back.columns[0]?.numbers, back.numbers);
    assert.equal(back.self, back);
  });

  it('writes arrays without extra properties, and rows of numbers compactly', async () => {
    const all = new Float64Array(1_000_000);
    assert.ok((await written({ part: all.subarray(0, 10) })).length < 500);
    const rows = Array.from({ length: 10_000 }, (_, at) => ({ at, value: -0 }));
    assert.ok((await written(rows)).length < 170_000);
    assert.deepStrictEqual(await again(rows), rows);
  });

  it('rejects values that cannot be restored', async () => {
    class Counter {}
    const holes = [1, 2, 3];
    delete holes[1];
    for (const state of [() => 1, { f: Symbol('s') }, [new Counter()], new Map([[new Date(0), 1]]), [holes]]) {
      await assert.rejects(written(state), NotSavable);
    }
  });

  it('rejects truncated or changed bytes', async () => {
    const bytes = await written({ a: [1, 2, { b: 'text' }], n: Float64Array.of(1, 2, 3), m: new Map([['k', -0]]) });
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(() => decodeState(bytes.subarray(0, length)), `${length} of ${bytes.length} bytes`);
    }
  });

  it('yields to other tasks while it writes', async () => {
    let turns = 0;
    const ticking = setInterval(() => {
      turns += 1;
    }, 1);
    await written(Array.from({ length: 20_000 }, (_, i) => ({ id: `model-${i}`, values: [i] })));
    clearInterval(ticking);
    assert.ok(turns > 3, `${turns} turns`);
  });
});
