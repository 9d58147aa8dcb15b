import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Backoff, type BackoffTerms, backoffMs } from './backoff.ts';

const terms: BackoffTerms = { firstMs: 1_000, longestMs: 30_000 };

describe('back-off', () => {
  it('doubles up to the longest pause', () =>
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5, 1e9].map((failures) => backoffMs(failures, terms)),
      [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000],
    ));

  it('grows by another factor', () =>
    assert.deepEqual(
      [0, 1, 2, 9].map((failures) => backoffMs(failures, { firstMs: 20, longestMs: 250, factor: 1.5 })),
      [20, 30, 45, 250],
    ));

  it('leaves its jitter, and no more, to chance', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.nat(), share, share, (failures, jitter, random) => {
        const full = backoffMs(failures, terms);
        const pause = backoffMs(failures, { ...terms, jitter }, random);
        assert.ok(pause <= full * (1 + 1e-12) && pause >= full * (1 - jitter) * (1 - 1e-12), `${pause} of ${full}`);
      }),
    );
    assert.deepEqual(
      [0, 0.5, 1].map((random) => backoffMs(0, { ...terms, jitter: 0.5 }, random)),
      [500, 750, 1_000],
    );
  });

  it('counts failures until it worked', () => {
    const backoff = new Backoff({ ...terms, jitter: 0.5 }, () => 0);
    assert.deepEqual([backoff.nextMs(), backoff.nextMs(), backoff.nextMs()], [500, 1_000, 2_000]);
    backoff.reset();
    assert.equal(backoff.nextMs(), 500);
  });
});
