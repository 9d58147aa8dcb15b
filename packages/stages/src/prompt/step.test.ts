import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Closing, type Event, isClosing } from '@crunch-node/streams';
import { drawn, draws, drawsClosed, SumMade, SumsClosed, sums } from '../testing/toys.ts';
import { Closings } from './closings.ts';
import { noKnowledge } from './knowledge.ts';
import type { PromptStage } from './prompt-stage.ts';
import { completedBy, planned, promptStep, remembering } from './step.ts';

interface Seen {
  readonly planned: number;
  readonly published: number;
}

/** Doubles every number. */
const doubling: PromptStage<Seen, readonly number[], readonly number[]> = {
  stream: sums,
  closingSubject: 'sums.0',
  owns: () => true,
  input: draws,
  sequential: true,
  initial: () => ({ planned: 0, published: 0 }),
  remember: (state) => ({ ...state, published: state.published + 1 }),
  plan: (state, event) => ({
    state: { ...state, planned: state.planned + 1 },
    work: isClosing(event) ? null : [(event.data as { n: number }).n],
  }),
  remaining(numbers, isPublished) {
    const left = numbers.filter((n) => !isPublished(`sums:0:a:${2 * n}`));
    return left.length === 0 ? null : left;
  },
  ask: async (numbers) => numbers.map((n) => 2 * n),
  record: (_, answers) =>
    answers.map((n) => ({ event: SumMade.at(drawn(0, 1, n).at, { partition: 0, n, scope_key: 'a' }) })),
  closing: (cycle) => SumsClosed.at(cycle.end, { ...cycle, partition: 0 }),
};
const start: Seen = { planned: 0, published: 0 };
const asking = { knowledge: noKnowledge, signal: new AbortController().signal };

describe('one step of a prompt stage', () => {
  it('plans, asks, records and remembers what it recorded for an event', async () => {
    const { state, events } = await promptStep(doubling, start, drawn(0, 1, 4), asking);
    assert.deepEqual(state, { planned: 1, published: 1 });
    assert.deepEqual(
      events.map(({ id }) => id),
      ['sums:0:a:8'],
    );
  });

  it('asks for nothing on a closing', async () => {
    assert.deepEqual(await promptStep(doubling, start, drawsClosed(0, 1), asking), {
      state: { planned: 1, published: 0 },
      events: [],
    });
  });

  it('records nothing when the signal aborts while it asks', async () => {
    const stop = new AbortController();
    const ask = async (): Promise<number[]> => {
      stop.abort(new Error('stopped'));
      return [1];
    };
    const asked = { ...doubling, ask };
    await assert.rejects(promptStep(asked, start, drawn(0, 1, 4), { ...asking, signal: stop.signal }), /stopped/);
  });

  it('omits published work, and all work of a closed cycle', () => {
    const event = drawn(0, 1, 4);
    assert.deepEqual(planned(doubling, start, event, () => false).work, [4]);
    for (const isPublished of [(id: string) => id === 'sums:0:a:8', 'all'] as const) {
      assert.deepEqual(planned(doubling, start, event, isPublished), {
        state: { planned: 1, published: 0 },
        work: null,
      });
    }
  });

  it('remembers events in the order they were recorded', () => {
    const order: string[] = [];
    const remember = (state: Seen, { id }: Event): Seen => {
      order.push(id);
      return state;
    };
    const noting = { ...doubling, remember };
    remembering(noting, start, [{ event: drawn(0, 1, 2) }, { event: drawn(0, 1, 1) }]);
    assert.deepEqual(order, ['draws:0:a:2', 'draws:0:a:1']);
  });

  it('completes a cycle with the closing of its only writer, or of the last of several', () => {
    const ends = (closings: readonly Closing[]): string[] => closings.map(({ id }) => id);
    assert.deepEqual(completedBy(undefined, 'draws.0', drawn(0, 1, 1)), []);
    assert.deepEqual(ends(completedBy(undefined, 'draws.0', drawsClosed(0, 1))), ['cycle:draws:0:60000']);
    const closings = new Closings(['draws.0', 'draws.1']);
    assert.deepEqual(completedBy(closings, 'draws.0', drawsClosed(0, 1)), []);
    assert.deepEqual(ends(completedBy(closings, 'draws.1', drawsClosed(1, 1))), ['cycle:draws:1:60000']);
    assert.deepEqual(completedBy(closings, 'draws.1', drawsClosed(1, 1)), [], 'closed twice');
  });
});
