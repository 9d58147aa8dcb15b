import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AppliedPositions } from '@crunch-node/projections';
import { currentPositions } from './current-positions.ts';

/** A read model that answers when the test releases it, with the number of earlier queries. */
function askedByHand() {
  const asked: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const read = () =>
    new Promise<AppliedPositions>((resolve, reject) => {
      const n = asked.length;
      asked.push({ resolve: () => resolve(new Map([[String(n), null as never]])), reject });
    });
  return { asked, current: currentPositions(read) };
}
const numberOf = async (positions: Promise<AppliedPositions>): Promise<string> => [...(await positions).keys()][0]!;

describe('current positions', () => {
  it('are queried once for all requests that came during another query', async () => {
    const { asked, current } = askedByHand();
    const first = current();
    const later = [current(), current(), current()];
    assert.equal(asked.length, 1);
    asked[0]!.resolve();
    assert.equal(await numberOf(first), '0');
    assert.equal(asked.length, 2, 'a look that had begun before they came is none for them');
    const latest = current();
    asked[1]!.resolve();
    assert.deepEqual(await Promise.all(later.map(numberOf)), ['1', '1', '1']);
    asked[2]!.resolve();
    assert.equal(await numberOf(latest), '2');
  });

  it('that could not be read are queried again', async () => {
    const { asked, current } = askedByHand();
    const first = current();
    const second = current();
    asked[0]!.reject(new Error('away'));
    await assert.rejects(first, /away/);
    asked[1]!.resolve();
    assert.equal(await numberOf(second), '1');
    const third = current();
    asked[2]!.resolve();
    assert.equal(await numberOf(third), '2');
  });
});
