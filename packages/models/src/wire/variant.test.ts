import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { anyText } from '@crunch-node/streams/testing';
import fc from 'fast-check';
import { VARIANT } from './protocol.ts';
import { decodeVariant, encodeVariant, int64, UndecodableVariant } from './variant.ts';

const int = (...value: number[]) => decodeVariant({ type: VARIANT.INT, value: Uint8Array.from(value) });
const json = (text: string) => decodeVariant({ type: VARIANT.JSON, value: Buffer.from(text) });

describe('variants', () => {
  it('reads integers of any length, little-endian and signed', () => {
    assert.equal(int(), 0);
    assert.equal(int(0x3c), 60);
    assert.equal(int(0xff), -1);
    assert.equal(int(0x00, 0x01), 256);
    assert.equal(int(...Array<number>(8).fill(0xff)), -1);
    assert.equal(int(...Array<number>(15).fill(0), 0x01), 2 ** 120);
  });

  it('returns every 64-bit integer, double, text and JSON unchanged', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) =>
        assert.equal(decodeVariant({ type: VARIANT.INT, value: int64(value) }), Number(value)),
      ),
    );
    fc.assert(
      fc.property(fc.double(), (value) => assert.equal(decodeVariant(encodeVariant({ type: 'DOUBLE', value })), value)),
    );
    fc.assert(
      fc.property(anyText(), (value) => assert.equal(decodeVariant(encodeVariant({ type: 'STRING', value })), value)),
    );
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'small' }), (value) => {
        const text = JSON.stringify(value);
        assert.equal(JSON.stringify(json(text)), JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('refuses integers that do not fit', () => {
    assert.throws(() => encodeVariant({ type: 'INT', value: 2n ** 63n }), RangeError);
    assert.throws(() => encodeVariant({ type: 'INT', value: 1.5 }), RangeError);
  });

  it('reads a missing value as undefined', () => {
    assert.equal(decodeVariant(undefined), undefined);
    assert.equal(decodeVariant({}), undefined);
    assert.equal(decodeVariant({ type: VARIANT.NONE, value: Buffer.from('x') }), undefined);
  });

  for (const [what, variant] of Object.entries({
    'a double of seven bytes': { type: VARIANT.DOUBLE, value: new Uint8Array(7) },
    'a text that is not UTF-8': { type: VARIANT.STRING, value: Uint8Array.of(0xff) },
    'text that is no JSON': { type: VARIANT.JSON, value: Buffer.from('{"value": nan}') },
    'no text at all': { type: VARIANT.JSON },
    'a table': { type: VARIANT.PARQUET, value: new Uint8Array(4) },
    'an arrow': { type: VARIANT.ARROW },
    'a type of the future': { type: 17 },
  })) {
    it(`refuses ${what}`, () => assert.throws(() => decodeVariant(variant), UndecodableVariant));
  }
});
