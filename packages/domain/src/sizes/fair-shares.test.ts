import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { fairShares } from './fair-shares.ts';

describe('fair shares', () => {
  it('never exceed the room, refuse no equal part, and treat equal parts alike', () =>
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 1_000 }), { maxLength: 30 }), fc.nat({ max: 10_000 }), (asked, room) => {
        const { granted, share } = fairShares(asked, room);
        const given = asked.filter((_, i) => granted[i]);
        assert.ok(given.reduce((sum, size) => sum + size, 0) <= room);
        asked.forEach((size, i) => {
          if (size * asked.length <= room) assert.ok(granted[i]);
          assert.equal(granted[i], granted[asked.indexOf(size)]);
          if (!granted[i]) assert.ok(size > share);
        });
      }),
    ));
});
