import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { placeReader } from './delivery-place.ts';

const place = { sequence: 1_200_300, consumerSequence: 299, storedUs: 1_795_287_600_123_456, pending: 7_001 };
const text = '1.1200300.299.1795287600123456789.7001';

const placeOf = (reply: string) => placeReader()(reply);

describe('parsing the place of a delivery', () => {
  it('understands the reply subjects of older and newer servers', () => {
    assert.deepEqual(placeOf(`$JS.ACK.MODELS.reader_1.${text}`), place);
    assert.deepEqual(placeOf(`$JS.ACK.hub.ACCOUNT.MODELS.reader_1.${text}.random`), place);
  });

  it('returns null for status messages of the server', () => {
    for (const other of ['', '_INBOX.a.1', '$JS.API.CONSUMER.MSG.NEXT.MODELS.reader_1'])
      assert.equal(placeOf(other), null);
  });

  it('does not depend on messages parsed before', () => {
    const read = placeReader();
    const others = ['', '$JS.ACK.', `$JS.ACK.M.c.1.${text}`, `$JS.ACK.M.c.2.${text}`, `$JS.ACK.h.A.M.c.2.${text}.r`];
    for (const other of others) {
      read(other);
      assert.deepEqual(read(`$JS.ACK.MODELS.reader_1.${text}`), place);
      assert.equal(read('_INBOX.a.1'), null);
      assert.deepEqual(read(`$JS.ACK.hub.ACCOUNT.MODELS.reader_1.${text}.random`), place);
    }
  });

  it('supports the full range of numbers', () => {
    const number = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    const micros = fc.integer({ min: 1, max: 8_000_000_000_000_000 });
    fc.assert(
      fc.property(number, number, micros, number, (sequence, consumerSequence, storedUs, pending) => {
        const reply = `$JS.ACK.S.c.1.${sequence}.${consumerSequence}.${storedUs}789.${pending}`;
        assert.deepEqual(placeOf(reply), { sequence, consumerSequence, storedUs, pending });
      }),
    );
  });

  it('rejects fields that are not numbers', () => {
    assert.ok(Number.isNaN(placeOf('$JS.ACK.S.c.1.x.1.1795287600123456789.1')?.sequence));
  });
});
