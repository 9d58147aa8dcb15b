import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Closing, type Event, isClosing } from '@crunch-node/streams';
import { cycleOf, drawn, summing, sumsClosed } from '../testing/toys.ts';
import { stateToBeginWith, stateToKeep, step } from './step.ts';

const published = (cycle: number): Closing => {
  const closing = sumsClosed(cycle);
  assert.ok(isClosing(closing));
  return closing;
};
const ids = (events: readonly Event[]): string[] => events.map(({ id }) => id);

describe('one step of a cyclic stage', () => {
  it('reacts in canonical order to events in any order, without changing its input', () => {
    const given = [drawn(0, 1, 3, 'b'), drawn(0, 1, 2, 'a'), drawn(0, 1, 1, 'b')];
    const before = ids(given);
    const stepped = step(summing(0, [0]), 10, { cycle: cycleOf(1), events: given });
    assert.deepEqual(ids(stepped.events), ['sums:0:a:12', 'sums:0:b:13', 'sums:0:b:16', published(1).id]);
    assert.equal(stepped.state, 16);
    assert.equal(stepped.closing, stepped.events.at(-1));
    assert.deepEqual(ids(given), before);
  });

  it('remembers what a published closing records and still returns its own reaction', () => {
    const adopting = { ...summing(0, [0]), adopt: (total: number) => total + 100 };
    const closed = { cycle: cycleOf(1), events: [drawn(0, 1, 1)] };
    assert.equal(step(adopting, 0, closed).state, 1);
    assert.equal(step(adopting, 0, closed, published(1)).state, 101);
    assert.deepEqual(step(adopting, 0, closed, published(1)).events, step(adopting, 0, closed).events);
    assert.equal(step(summing(0, [0]), 0, closed, published(1)).state, 1, 'a stage that adopts nothing');
  });

  it('rejects a reaction that does not end with the closing, and names the cycle', () => {
    const open = { ...summing(0, [0]), react: () => ({ state: 0, events: [drawn(0, 1, 1)] }) };
    const silent = { ...summing(0, [0]), react: () => ({ state: 0, events: [] }) };
    for (const stage of [open, silent]) {
      assert.throws(
        () => step(stage, 0, { cycle: cycleOf(1), events: [] }),
        /cycle 1970-01-01T00:01:00\.000000Z to be/,
      );
    }
  });

  it('starts from the saved state, corrected by the published closing of the same cycle', () => {
    const adopting = { ...summing(0, [0]), adopt: (total: number) => total + 100 };
    const saved = { cycle_end: cycleOf(2).end, state: 5 };
    assert.equal(stateToBeginWith(adopting, null, published(2)), 0);
    assert.equal(stateToBeginWith(adopting, saved, null), 5);
    assert.equal(stateToBeginWith(adopting, saved, published(3)), 5);
    assert.equal(stateToBeginWith(adopting, saved, published(2)), 105);
    assert.equal(stateToKeep(adopting, 7), 7);
    assert.equal(stateToKeep({ ...adopting, keeps: (total: number) => total - 1 }, 7), 6);
  });
});
