import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asStored } from './as-stored.ts';

const event = (data: unknown) => ({ id: 'i', type: 'T', v: 1, at: '2026-01-01T00:00:00.000000Z', data });

describe('an event as it is stored', () => {
  it('has one zero and no member without a value, at every level', () =>
    assert.deepEqual(
      asStored(event({ a: -0, b: [1, -0, { c: -0, d: undefined }], e: undefined, f: { g: 'x' } })).data,
      { a: 0, b: [1, 0, { c: 0 }], f: { g: 'x' } },
    ));

  it('equals its round trip through JSON', () => {
    const data = { list: [undefined, null, -0, 1e21, 'ü'], __proto__: { x: 1 }, deep: { er: [[-0]] } };
    assert.deepEqual(asStored(event({ ...data })).data, JSON.parse(JSON.stringify({ ...data })));
  });

  it('is the same object where nothing changes', () => {
    const plain = event({ a: 0, b: [{ c: null }] });
    assert.equal(asStored(plain), plain);
  });
});
