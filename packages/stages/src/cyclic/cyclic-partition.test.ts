import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLogger, Notifier } from '@crunch-node/service';
import { type Closing, type Event, isClosing, natsSubjectIn } from '@crunch-node/streams';
import { Registry } from 'prom-client';
import type { LoopContext } from '../loop.ts';
import { soleLease } from '../ownership/partition-lease.ts';
import type { PublishedTail } from '../publish/published-tail.ts';
import type { StateKeeper } from '../saved-state/keeper.ts';
import type { Resumption } from '../saved-state/resume.ts';
import type { SavedState } from '../saved-state/saved-state.ts';
import { stageInstruments } from '../stage-instruments.ts';
import { memoryLog } from '../testing/memory-log.ts';
import { closingId, drawn, draws, drawsClosed, minute, summing, sums, sumsClosed } from '../testing/toys.ts';
import { CycleBarrier } from './cycle-barrier.ts';
import { type CyclicPartition, runCyclicPartition } from './cyclic-partition.ts';

const nothing: PublishedTail = { lastClosing: null, published: new Set(), lastSequences: new Map() };
const closingOf = (cycle: number): Closing => {
  const closing = sumsClosed(cycle);
  assert.ok(isClosing(closing));
  return closing;
};

interface Given {
  readonly stage?: CyclicPartition['stage'];
  /** already in SUMS */
  readonly published?: readonly Event[];
  readonly tail?: PublishedTail;
  readonly saved?: SavedState;
  readonly past?: CyclicPartition['past'];
}

/**
 * Runs a partition over these inputs until it has processed them all; returns the content of SUMS and the saved states.
 */
async function run(
  inputs: readonly Event[],
  { stage = summing(0, [0]), published = [], tail = nothing, saved, past = new Map() }: Given = {},
) {
  const { log, publisher, write, ids } = memoryLog();
  write(sums, published);
  const own = new AbortController();
  const handover = new AbortController();
  const notifier = new Notifier(own.signal);
  const barrier = new CycleBarrier(stage.sources, stage.inputs, notifier);
  if (saved) barrier.beginAfter(saved.cycle_end, {});
  for (const [i, event] of inputs.entries()) {
    barrier.take(draws, natsSubjectIn(draws, event), event, { sequence: i + 1, bytes: 1 });
  }
  const kept: SavedState[] = [];
  const states: StateKeeper = {
    load: async () => null,
    saver: () => ({ offer: (state: SavedState) => void kept.push(state) }),
  };
  const lease = { ...soleLease(0), handover: handover.signal };
  const context: LoopContext = {
    name: 'toy',
    log,
    logger: createLogger('silent'),
    guard: { active: true, untilActive: async () => undefined, stop: () => undefined },
    signal: own.signal,
    vitals: { state: 'running', detail: '', counts: {} },
    instruments: stageInstruments(new Registry(), 'toy'),
    states,
  };
  const resumption: Resumption = {
    saved: [],
    after: () => 0,
    placeOfOwn: () => ({}),
    placeIn: (stream, seen) => ({ stream, created: '', ...seen }),
  };
  const running = runCyclicPartition(
    { stage, lease, barrier, tail, saved: saved ?? null, past },
    context,
    resumption,
    own.signal,
    publisher,
  );
  running.catch(() => undefined);
  // It waits for the next cycle once it has processed all of these.
  for (let turns = 0; turns < 200 && barrier.lacking.length === 0; turns++) await new Promise(setImmediate);
  handover.abort();
  notifier.notify();
  await running;
  return { ids: ids(sums), kept, closed: lease.progress.closed, counts: context.vitals.counts };
}

const twoCycles = [drawn(0, 1, 1), drawsClosed(0, 1), drawn(0, 2, 2), drawsClosed(0, 2)];

describe('a partition of a cyclic stage', () => {
  it('publishes its reaction to each closed cycle, the closing last, and ends between two cycles', async () => {
    const { ids, kept, closed, counts } = await run(twoCycles);
    assert.deepEqual(ids, ['sums:0:a:1', closingId(1), 'sums:0:a:3', closingId(2)]);
    assert.deepEqual(
      kept.map(({ cycle_end, closingSequence, state }) => [cycle_end, closingSequence, state]),
      [
        [minute(1), 2, 1],
        [minute(2), 4, 3],
      ],
    );
    assert.equal(closed, minute(2));
    assert.deepEqual(counts, { cycles: 2, published: 4 });
  });

  it('reacts to a cycle it has closed before without publishing it again', async () => {
    const published = [drawn(0, 1, 1), drawsClosed(0, 1)];
    const lastClosing = { event: closingOf(1), obs: undefined, sequence: 2, natsSubject: 'sums.0' };
    const tail = { ...nothing, lastClosing, lastSequences: new Map([['sums.0', 2]]) };
    const before = (await run(published)).ids;
    const { ids, counts } = await run(twoCycles, {
      published: [
        summing(0, [0]).react(0, { start: null, end: minute(1), config_hash: 'toy' }, [drawn(0, 1, 1)]).events[0]!,
        closingOf(1),
      ],
      tail,
    });
    assert.deepEqual(ids, [...before, 'sums:0:a:3', closingId(2)]);
    assert.deepEqual(counts, { cycles: 1, published: 2 });
  });

  it('publishes only what is missing of a partly published cycle', async () => {
    const [first] = summing(0, [0]).react(0, { start: null, end: minute(1), config_hash: 'toy' }, [
      drawn(0, 1, 1),
    ]).events;
    const tail = { ...nothing, published: new Set([first!.id]), lastSequences: new Map([['sums.0.a', 1]]) };
    const { ids } = await run([drawn(0, 1, 1), drawn(0, 1, 2), drawsClosed(0, 1)], { published: [first!], tail });
    assert.deepEqual(ids, ['sums:0:a:1', 'sums:0:a:3', closingId(1)]);
  });

  it('continues from a saved state', async () => {
    const saved = { cycle_end: minute(1), places: {}, closingSequence: 0, state: 40 };
    const { ids } = await run(twoCycles, { saved });
    assert.deepEqual(ids, ['sums:0:a:42', closingId(2)]);
  });

  it('adopts what its published closings record, of the last one or of each', async () => {
    const adopting = { ...summing(0, [0]), adopt: () => 100 };
    const lastClosing = { event: closingOf(2), obs: undefined, sequence: 2, natsSubject: 'sums.0' };
    const tail = { ...nothing, lastClosing, lastSequences: new Map([['sums.0', 2]]) };
    const published = [closingOf(1), closingOf(2)];
    const last = await run([...twoCycles, drawn(0, 3, 3), drawsClosed(0, 3)], { stage: adopting, tail, published });
    assert.deepEqual(last.ids.slice(2), ['sums:0:a:103', closingId(3)]);
    assert.deepEqual(
      last.kept.map(({ state }) => state),
      [1, 100, 103],
    );
    const past = new Map(published.map((closing) => [closing.data.end, closing]));
    const each = await run(twoCycles, { stage: adopting, tail, published, past });
    assert.deepEqual(
      each.kept.map(({ state }) => state),
      [100, 100],
    );
  });

  it('ends with the fencing error when another owner is at work', async () => {
    const tail = { ...nothing, lastSequences: new Map([['sums.0', 7]]) };
    await assert.rejects(run([drawsClosed(0, 1)], { tail }), { name: 'FencedError' });
  });
});
