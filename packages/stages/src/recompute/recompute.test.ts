import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Event, isClosing, type StreamDefinition } from '@crunch-node/streams';
import type { CyclicStage } from '../cyclic/cyclic-stage.ts';
import { defineStage } from '../definition/define-stage.ts';
import { fromEach, to } from '../definition/streams-of-stage.ts';
import type { PromptStage } from '../prompt/prompt-stage.ts';
import { memoryLog } from '../testing/memory-log.ts';
import { cycleOf, drawn, draws, drawsClosed, minute, SumMade, SumsClosed, summing, sums } from '../testing/toys.ts';
import { type Recomputation, recompute } from './recompute.ts';

const never = new AbortController().signal;
const twoCycles = [drawn(0, 1, 1), drawsClosed(0, 1), drawn(0, 2, 2), drawsClosed(0, 2)];

/** What every writer would publish from these, as `address: ids`. */
async function recomputed(
  taken: readonly (readonly [StreamDefinition, readonly Event[]])[],
  more: Partial<Recomputation> & Pick<Recomputation, 'cyclic'>,
): Promise<string[]> {
  const { log, write } = memoryLog();
  for (const [stream, events] of taken) write(stream, events);
  const published: string[] = [];
  await recompute({
    log,
    taken: taken.map(([stream]) => stream),
    prompt: [],
    signal: never,
    recomputed: (by, _, events) => {
      published.push(`${by.closingSubject}: ${events.map(({ id }) => id).join(' ')}`);
    },
    ...more,
  });
  return published;
}

/** Sums the sums of partition 0 into partition 1. */
const summingSums: CyclicStage<number> = defineStage({
  reads: [fromEach(sums, [0])],
  writes: to(sums, 1),
  start: 0,
  react(total: number, cycle, events) {
    const state = events.reduce((sum, { data }) => sum + data.n, total);
    return { state, events: [SumsClosed.at(cycle.end, { ...cycle, partition: 1 })] };
  },
});

describe('recomputing', () => {
  it('yields for recorded inputs every cycle as the stage would publish it', async () => {
    assert.deepEqual(await recomputed([[draws, twoCycles]], { cyclic: [summing(0, [0])] }), [
      'sums.0: sums:0:a:1 cycle:sums:0:60000',
      'sums.0: sums:0:a:3 cycle:sums:0:120000',
    ]);
  });

  it('passes reactions of a stage to the stages after it', async () => {
    const published = await recomputed([[draws, twoCycles]], { cyclic: [summing(0, [0]), summingSums] });
    assert.deepEqual(
      published.filter((line) => line.startsWith('sums.1')),
      ['sums.1: cycle:sums:1:60000', 'sums.1: cycle:sums:1:120000'],
    );
  });

  it('continues up to the last cycle all inputs have closed, or to a given end', async () => {
    const open = [...twoCycles, drawn(0, 3, 3)];
    assert.equal((await recomputed([[draws, open]], { cyclic: [summing(0, [0])] })).length, 2);
    assert.equal((await recomputed([[draws, open]], { cyclic: [summing(0, [0])], until: minute(1) })).length, 1);
    assert.deepEqual(await recomputed([[draws, [drawn(0, 1, 1)]]], { cyclic: [summing(0, [0])] }), []);
  });

  it('passes on a recorded cycle that replaces the recomputed one, and adopts its closing', async () => {
    const recorded = [
      SumMade.at(minute(1), { partition: 0, n: 50, scope_key: 'a' }),
      SumsClosed.at(minute(1), { ...cycleOf(1), partition: 0 }),
    ];
    const published = await recomputed([[draws, twoCycles]], {
      cyclic: [{ ...summing(0, [0]), adopt: () => 50 }],
      instead: async (_, { end }) => (end === minute(1) ? recorded : null),
    });
    assert.deepEqual(published, ['sums.0: sums:0:a:50 cycle:sums:0:60000', 'sums.0: sums:0:a:52 cycle:sums:0:120000']);
  });

  it('runs prompt stages one event at a time', async () => {
    const seen: number[] = [];
    const doubling: PromptStage<number, number, number> = {
      stream: sums,
      closingSubject: 'sums.0',
      owns: () => true,
      input: draws,
      sources: ['draws.0'],
      sequential: true,
      initial: () => 0,
      remember: (count) => count + 1,
      plan: (state, event) => ({ state, work: isClosing(event) ? null : (event.data as { n: number }).n }),
      remaining: (work) => work,
      async ask(work, state) {
        seen.push(state);
        return 2 * work;
      },
      record: (_, n) => [{ event: SumMade.at(minute(1), { partition: 0, n, scope_key: 'a' }) }],
      closing: (cycle) => SumsClosed.at(cycle.end, { ...cycle, partition: 0 }),
    };
    assert.deepEqual(await recomputed([[draws, twoCycles]], { cyclic: [], prompt: [doubling] }), [
      'sums.0: sums:0:a:2 cycle:sums:0:60000',
      'sums.0: sums:0:a:4 cycle:sums:0:120000',
    ]);
    assert.deepEqual(seen, [0, 1], 'what it recorded is remembered before the next one');
  });

  it('ends with the fault of a stage, and with the signal', async () => {
    const failing: CyclicStage = {
      ...summing(0, [0]),
      react: () => {
        throw new RangeError('cannot');
      },
    };
    await assert.rejects(recomputed([[draws, twoCycles]], { cyclic: [failing] }), /cannot/);
    const signal = AbortSignal.abort(new Error('stopped'));
    await assert.rejects(recomputed([[draws, twoCycles]], { cyclic: [summing(0, [0])], signal }), /stopped/);
  });
});
