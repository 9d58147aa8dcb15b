import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Notifier } from '@crunch-node/service';
import type { Event } from '@crunch-node/streams';
import { cycleOf, drawn, draws, drawsClosed, minute } from '../testing/toys.ts';
import { CycleBarrier, CycleMismatch, type PlacedCycle } from './cycle-barrier.ts';

const never = new AbortController().signal;
const addressOf = ({ type, data }: Event): string => {
  const { partition, scope_key } = data as { partition: number; scope_key?: string };
  return type === 'CycleClosed' ? `draws.${partition}` : `draws.${partition}.${scope_key}`;
};
const ids = (cycle: PlacedCycle | null): string[] | undefined => cycle?.events.map(({ id }) => id);

/** A barrier for the writers of partitions 0 and 1 that receives events in the order of a stream. */
function given(limits?: { maxCycles: number; maxBytes: number }) {
  const barrier = new CycleBarrier(['draws.0', 'draws.1'], [draws], new Notifier(never), limits);
  let sequence = 0;
  return {
    barrier,
    take(...events: readonly Event[]) {
      for (const event of events) {
        sequence += 1;
        barrier.take(draws, addressOf(event), event, { sequence, bytes: 10, stored_us: 7 });
      }
    },
  };
}

describe('the cycle barrier', () => {
  it('yields the events of a cycle with the places of its closings once every source has closed it', async () => {
    const { barrier, take } = given();
    take(drawn(0, 1, 1), drawn(1, 1, 2), drawsClosed(0, 1));
    assert.deepEqual(barrier.lacking, ['draws.1']);
    take(drawn(0, 2, 3), drawsClosed(1, 1));
    const next = await barrier.next(never);
    assert.deepEqual(ids(next), ['draws:0:a:1', 'draws:1:a:2']);
    assert.deepEqual(next?.cycle, cycleOf(1));
    const place = { stream: 'DRAWS', stored_us: 7 };
    assert.deepEqual(next?.closings, {
      'draws.0': { ...place, sequence: 3, message_id: 'cycle:draws:0:60000' },
      'draws.1': { ...place, sequence: 5, message_id: 'cycle:draws:1:60000' },
    });
    assert.deepEqual(barrier.lacking, ['draws.0', 'draws.1']);
    assert.equal(barrier.newest, minute(1));
  });

  it('gives the trace of an input once, also to the owner after a restart', () => {
    const barrierOf = () =>
      new CycleBarrier(['draws.0'], [draws], new Notifier(never), undefined, ({ type }) => type !== 'CycleClosed');
    const [before, after] = [barrierOf(), barrierOf()];
    for (const [i, event] of [drawn(0, 1, 1), drawn(0, 1, 2)].entries())
      before.take(draws, addressOf(event), event, {
        sequence: i + 1,
        bytes: 10,
        stored_us: 7,
        traceparent: `trace ${i}`,
      });
    const [first, second] = [drawn(0, 1, 1).id, drawn(0, 1, 2).id];
    assert.equal(before.tracesKept().length, new Set([first, second]).size);
    after.keepTraces(before.tracesKept());
    for (const barrier of [before, after]) {
      assert.equal(barrier.traceOf(second), 'trace 1');
      assert.equal(barrier.traceOf(second), undefined);
    }
  });

  it('waits for a late source, and stops waiting when aborted', async () => {
    const { barrier, take } = given();
    take(drawsClosed(0, 1));
    const next = barrier.next(never);
    take(drawsClosed(1, 1));
    assert.deepEqual(ids(await next), []);
    assert.equal(await barrier.next(AbortSignal.abort()), null);
    assert.equal(await barrier.next(never, AbortSignal.abort()), null, 'handed over');
  });

  it('omits events of a cycle their writer had already closed, and repeated closings', async () => {
    const { barrier, take } = given();
    take(drawsClosed(0, 1), drawn(0, 1, 5), drawsClosed(0, 1), drawn(0, 2, 6), drawsClosed(0, 2));
    take(drawsClosed(1, 1), drawsClosed(1, 2));
    assert.deepEqual(ids(await barrier.next(never)), []);
    assert.deepEqual(ids(await barrier.next(never)), ['draws:0:a:6']);
  });

  it('rejects sources with different cycles', async () => {
    const { barrier, take } = given();
    take(drawsClosed(0, 1), drawsClosed(1, 2));
    await assert.rejects(barrier.next(never), CycleMismatch);
  });

  it('passes by a source at its limit until a reader of its own has caught up', async () => {
    const { barrier, take } = given({ maxCycles: 2, maxBytes: 1_000 });
    take(drawsClosed(0, 1), drawsClosed(0, 2), drawsClosed(0, 3));
    const [behind] = barrier.behind(draws);
    assert.deepEqual([behind?.address, behind?.takenTo], ['draws.0', 2]);
    take(drawn(0, 4, 1));
    assert.equal(barrier.heldBytes, 20, 'nothing more is kept of it');
    assert.equal(barrier.isHungryFor(draws), true, 'the other one still lacks its cycle');
    barrier.take(draws, 'draws.0', drawsClosed(0, 3), { sequence: 3, bytes: 10 }, behind);
    assert.equal(behind?.takenTo, 3);
    barrier.caughtUp(behind!);
    assert.deepEqual(barrier.behind(draws), []);
  });

  it('accepts nothing twice, and nothing from before its start', async () => {
    const { barrier } = given();
    barrier.beginAfter(minute(1), { 'draws.0': { sequence: 4 }, 'draws.1': { sequence: 5 } });
    barrier.take(draws, 'draws.0.a', drawn(0, 2, 1), { sequence: 4, bytes: 1 });
    barrier.take(draws, 'draws.0.a', drawn(0, 2, 2), { sequence: 6, bytes: 1 });
    barrier.take(draws, 'draws.0.a', drawn(0, 2, 2), { sequence: 6, bytes: 1 });
    barrier.take(draws, 'draws.0', drawsClosed(0, 2), { sequence: 7, bytes: 1 });
    barrier.take(draws, 'draws.1', drawsClosed(1, 2), { sequence: 8, bytes: 1 });
    assert.deepEqual(ids(await barrier.next(never)), ['draws:0:a:2']);
  });

  it('reports an address that none of its streams captures', () =>
    assert.throws(() => new CycleBarrier(['sums.0'], [draws], new Notifier(never)), /expected sums\.0 in DRAWS/));
});
