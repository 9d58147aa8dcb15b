import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { keptParts } from './kept-parts.ts';
import { arrayOf, gzipOf, partOf } from './part.ts';
import { closedBy } from './send-sliced.ts';

const textOf = (rows: readonly unknown[]): string => JSON.stringify(rows).slice(1, -1);

describe('an answer of parts', () => {
  it('is the array of all rows, compressed or not', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.array(fc.jsonValue(), { maxLength: 5 }), { maxLength: 6 }), async (rows) => {
        const parts = rows.map((some) => partOf(textOf(some)));
        const array = arrayOf(parts);
        assert.equal(array.toString(), JSON.stringify(rows.flat()));
        const compressed = await gzipOf(parts, array);
        if (compressed !== undefined) assert.deepEqual(gunzipSync(compressed), array); // Node has CRC-32 since 20.15
      }),
      { numRuns: 30 },
    ));

  it('compresses each part once', async () => {
    const part = partOf(textOf([1, 2, 3]));
    assert.equal(await part.deflated(), await part.deflated());
  });
});

describe('kept parts', () => {
  const part = partOf(textOf(['a'.repeat(1_000)]));
  it('stay within their bound', () => {
    const kept = keptParts(10_000);
    for (let n = 0; n < 10; n++) kept.put(`part ${n}`, { part, source: n });
    assert.equal(kept.get('part 0'), undefined);
    assert.equal(kept.get('part 9')?.source, 9);
    const none = keptParts(0);
    none.put('part', { part, source: null });
    assert.equal(none.get('part'), undefined);
  });

  it('are forgotten when a position is behind what was seen', () => {
    const kept = keptParts(10_000);
    kept.seen(new Map([['SCORES', 7]]));
    kept.put('part', { part, source: null });
    kept.seen(new Map([['SCORES', 7]]));
    kept.seen(new Map([['SNAPSHOTS', 1]]));
    assert.notEqual(kept.get('part'), undefined);
    kept.seen(new Map([['SCORES', 6]]));
    assert.equal(kept.get('part'), undefined);
  });
});

describe('what is closed', () => {
  it('is what every writer has closed', () => {
    const at = (minute: number) => `2026-11-21T19:0${minute}:00.000000Z` as const;
    const positions = (closings: Record<string, string>) => new Map([['predictions', { closings } as never]]);
    assert.equal(closedBy(positions({ 0: at(3), 1: at(2) }), 'predictions', 2), at(2));
    assert.equal(closedBy(positions({ 0: at(3) }), 'predictions', 2), null, 'one has not closed any');
    assert.equal(closedBy(positions({}), 'predictions'), null);
    assert.equal(closedBy(undefined, 'predictions'), null);
  });
});
