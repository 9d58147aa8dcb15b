import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Publisher } from '@crunch-node/eventlog';
import { createLogger, Notifier } from '@crunch-node/service';
import { type Event, isClosing, natsSubjectIn } from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { soleLease } from '../ownership/partition-lease.ts';
import type { SavedState } from '../saved-state/saved-state.ts';
import { stageInstruments } from '../stage-instruments.ts';
import { memoryLog } from '../testing/memory-log.ts';
import { closingId, drawn, draws, drawsClosed, SumMade, SumsClosed, sums } from '../testing/toys.ts';
import { runPromptPartition } from './prompt-partition.ts';
import type { PromptStage } from './prompt-stage.ts';

/** Answers with the number of each draw; its state counts what it has recorded. */
const counting = (asked: string[]): PromptStage<number, Event, Event> => ({
  stream: sums,
  closingSubject: 'sums.0',
  owns: (natsSubject) => natsSubject.startsWith('sums.0'),
  input: draws,
  sequential: true,
  initial: () => 0,
  keeping: { planned: () => null, published: (_, count) => count, restore: (kept) => kept as number },
  remember: (count) => count + 1,
  plan: (count, event) => ({ state: count, work: isClosing(event) ? null : event }),
  remaining: (work) => work,
  async ask(work, count) {
    asked.push(`${work.id} after ${count}`);
    return SumMade.at(work.at, { ...(work.data as { n: number; scope_key: string }), partition: 0 });
  },
  record: (_, answer) => [{ event: answer }],
  closing: (cycle) => SumsClosed.at(cycle.end, { ...cycle, partition: 0 }),
});

/** Runs a partition over these inputs with a log that stores nothing until `storeOne` is called. */
function given(inputs: readonly Event[]) {
  const { log, publisher, ids } = memoryLog();
  const waiting: (() => void)[] = [];
  let isSlow = true;
  const slow: Publisher = {
    ...publisher,
    async append(stream, message) {
      if (isSlow) await new Promise<void>((resolve) => waiting.push(resolve));
      return publisher.append(stream, message);
    },
  };
  const own = new AbortController();
  const asked: string[] = [];
  const kept: SavedState[] = [];
  const stage = counting(asked) as PromptStage;
  const running = runPromptPartition(
    {
      stage,
      lease: soleLease(0),
      tail: { lastClosing: null, published: new Set(), lastSequences: new Map() },
      saved: null,
      consultation: undefined,
      queue: inputs.map((event, i) => ({
        event,
        obs: undefined,
        sequence: i + 1,
        natsSubject: natsSubjectIn(draws, event),
      })),
      readTo: inputs.length,
      state: stage.initial(),
    },
    {
      name: 'toy',
      log,
      logger: createLogger('silent'),
      guard: { active: true, untilActive: async () => undefined, stop: () => undefined },
      signal: own.signal,
      vitals: { state: 'running', detail: '', counts: {} },
      instruments: stageInstruments(new Registry(), 'toy'),
      states: { load: async () => null, saver: () => ({ offer: (state) => void kept.push(state) }) },
      notifier: new Notifier(own.signal),
      resumption: {
        saved: [],
        after: () => 0,
        placeOfOwn: () => ({}),
        placeIn: (stream, seen) => ({ stream, created: '', ...seen }),
      },
    },
    own.signal,
    slow,
  );
  running.catch(() => undefined);
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  };
  return {
    asked,
    kept,
    waiting,
    ids: () => ids(sums),
    turns,
    async storeOne() {
      waiting.shift()?.();
      await turns();
    },
    async end() {
      own.abort();
      isSlow = false;
      for (const store of waiting) store();
      await running;
    },
  };
}

describe('a partition of a prompt stage at replay pace', () => {
  it('asks about the next events while those before are published one after the other', async () => {
    const run = given([drawn(0, 1, 1), drawn(0, 1, 2, 'b'), drawsClosed(0, 1), drawn(0, 2, 3), drawsClosed(0, 2)]);
    await run.turns();
    // Each knows what was recorded before it, though nothing is in the log.
    assert.deepEqual(
      run.asked.map((text) => Number(text.at(-1))),
      [0, 1, 2],
    );
    const order = ['sums:0:a:1', 'sums:0:b:2', closingId(1), 'sums:0:a:3', closingId(2)];
    for (const [i] of order.entries()) {
      assert.equal(run.waiting.length, 1, `one at a time, not ${run.waiting.length} after ${i}`);
      assert.deepEqual(run.ids(), order.slice(0, i));
      await run.storeOne();
    }
    assert.deepEqual(run.ids(), order);
    // A saved state has what belongs to its cycle, not what was recorded meanwhile.
    assert.deepEqual(
      run.kept.map(({ state }) => (state as { stage: number }).stage),
      [2, 3],
    );
    await run.end();
  });

  it('asks no further ahead of the log than the limit', async () => {
    const run = given(Array.from({ length: 100 }, (_, n) => drawn(0, 1, n)));
    await run.turns();
    assert.equal(run.asked.length, 32);
    await run.storeOne();
    assert.equal(run.asked.length, 33);
    await run.end();
  });
});
