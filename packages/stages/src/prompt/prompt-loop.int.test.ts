import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { NatsServer } from '@crunch-node/embedded';
import { privateNats, until } from '@crunch-node/embedded/testing';
import { defineEvent, defineStream, type Event, isClosing } from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';
import { CycleMismatch } from '../cyclic/cycle-barrier.ts';
import { soleLease } from '../ownership/partition-lease.ts';
import type { Standing } from '../ownership/progress.ts';
import { type Bench, openBench } from '../testing/bench.ts';
import {
  closingId,
  drawn,
  draws,
  drawsClosed,
  minute,
  SumMade,
  SumsClosed,
  sums,
  sumsClosed,
} from '../testing/toys.ts';
import { runPrompt } from './prompt-loop.ts';
import type { PromptStage } from './prompt-stage.ts';

const NumberSeen = defineEvent('NumberSeen', {
  v: 1,
  data: Type.Object({ n: Type.Integer() }),
  id: ({ n }) => `seen:${n}`,
  natsSubject: () => 'others.seen',
});
const others = defineStream('OTHERS', ['others.*'], [NumberSeen]);

interface Gate {
  readonly asked: string[];
  /** results are delayed until this resolves */
  readonly open: Map<string, () => void>;
}

/** Echoes the number of each draw once the gate opens; counts what it has published. */
function echo(gate: Gate | null, sequential: boolean): PromptStage<number, Event, Event> {
  return {
    stream: sums,
    closingSubject: 'sums.0',
    owns: (natsSubject) => natsSubject.startsWith('sums.0'),
    input: draws,
    sequential,
    initial: () => 0,
    remember: (count) => count + 1,
    plan: (count, event) => ({ state: count, work: isClosing(event) ? null : event }),
    remaining: (work, isPublished) => (isPublished(answerTo(work).id) ? null : work),
    async ask(work) {
      gate?.asked.push(work.id);
      if (gate?.open.has(work.id)) await new Promise<void>((resolve) => gate.open.set(work.id, resolve));
      return answerTo(work);
    },
    record: (_, answer) => [{ event: answer, obs: { timing: { answered_us: 1 } } }],
    closing: (cycle) => SumsClosed.at(cycle.end, { ...cycle, partition: 0 }),
  };
}
const answerTo = (event: Event): Event =>
  SumMade.at(event.at, { ...(event.data as { n: number; scope_key: string }), partition: 0 });

describe('the prompt loop', () => {
  let server: NatsServer;
  before(async () => {
    server = await privateNats();
  });
  after(() => server.stop());

  async function running(
    stage: PromptStage<number, Event, Event>,
    work: (bench: Bench & { readPosition(): Standing['read'] }) => Promise<void>,
    prepare: (bench: Bench) => Promise<void> = async () => undefined,
  ): Promise<void> {
    const bench = await openBench(server.url, [draws, sums, others]);
    const stop = new AbortController();
    try {
      await prepare(bench);
      const lease = soleLease(0);
      const loop = runPrompt([stage], { ...bench.context(stop.signal), leases: [lease] });
      loop.catch(() => undefined);
      await work({ ...bench, readPosition: () => lease.progress.standing().read });
      stop.abort();
      await loop.catch((error: unknown) => assert.ok(stop.signal.aborted, String(error)));
    } finally {
      stop.abort();
      await bench.close();
    }
  }
  it('closes a cycle after all its work, and begins the next one meanwhile', async () => {
    const slow = drawn(0, 1, 1);
    const next = drawn(0, 2, 2, 'b');
    const gate: Gate = { asked: [], open: new Map([[slow.id, () => undefined]]) };
    await running(echo(gate, false), async ({ write, ids, untilLast }) => {
      await write(draws, [slow, drawsClosed(0, 1), next]);
      await until('the next cycle to be asked', () => gate.asked.includes(next.id));
      // The work of the next cycle runs, but none of it may be published before the closing that waits for the slow
      // one.
      assert.deepEqual(await ids(sums), []);
      gate.open.get(slow.id)?.();
      await write(draws, [drawsClosed(0, 2)]);
      await untilLast(sums, 'sums.0', closingId(2));
      assert.deepEqual(await ids(sums), ['sums:0:a:1', closingId(1), 'sums:0:b:2', closingId(2)]);
    });
  });

  it('takes one step after the other in replay pace', async () => {
    const gate: Gate = { asked: [], open: new Map() };
    const events = Array.from({ length: 50 }, (_, n) => drawn(0, 1, n, `k${n % 7}`));
    await running(echo(gate, true), async ({ write, ids, untilLast }) => {
      await write(draws, [...events, drawsClosed(0, 1)]);
      await untilLast(sums, 'sums.0', closingId(1));
      assert.deepEqual(await ids(sums), [...events.map((event) => answerTo(event).id), closingId(1)]);
    });
  });

  it('repeats only unpublished work, and remembers what it has published', async () => {
    const gate: Gate = { asked: [], open: new Map() };
    let state = -1;
    const stage = echo(gate, true);
    const watched: typeof stage = {
      ...stage,
      plan(count, event) {
        state = count;
        return stage.plan(count, event);
      },
    };
    await running(
      watched,
      async ({ write, untilLast, ids }) => {
        await write(draws, [drawsClosed(0, 2)]);
        await untilLast(sums, 'sums.0', closingId(2));
        assert.deepEqual(gate.asked, [drawn(0, 2, 4).id]);
        assert.equal(state, 3);
        assert.equal((await ids(sums)).length, 5);
      },
      async ({ write }) => {
        await write(draws, [drawn(0, 1, 1), drawsClosed(0, 1), drawn(0, 2, 3), drawn(0, 2, 4)]);
        await write(sums, [answerTo(drawn(0, 1, 1)), sumsClosed(1)]);
        await write(sums, [answerTo(drawn(0, 2, 3))]);
      },
    );
  });

  it('closes a cycle when every writer of its input has, whichever is ahead', async () => {
    const stage: PromptStage<number, Event, Event> = { ...echo(null, true), sources: ['draws.0', 'draws.1'] };
    await running(stage, async ({ write, ids, untilLast }) => {
      await write(draws, [drawn(0, 1, 1), drawsClosed(0, 1), drawn(0, 2, 2, 'b'), drawsClosed(0, 2)]);
      await write(draws, [drawn(1, 1, 3, 'c'), drawsClosed(1, 1), drawsClosed(1, 1), drawsClosed(1, 2)]);
      await untilLast(sums, 'sums.0', closingId(2));
      assert.deepEqual(
        (await ids(sums)).filter((id) => id.startsWith('cycle')),
        [closingId(1), closingId(2)],
      );
    });
  });

  it('rejects writers with different cycles', async () => {
    const stage = { ...echo(null, true), sources: ['draws.0', 'draws.1'] };
    const bench = await openBench(server.url, [draws, sums]);
    try {
      await bench.write(draws, [drawsClosed(0, 1), drawsClosed(1, 2)]);
      await assert.rejects(runPrompt([stage], bench.context(AbortSignal.timeout(30_000))), CycleMismatch);
    } finally {
      await bench.close();
    }
  });

  it('waits for the consulted stream, and forgets it when a cycle is closed', async () => {
    const forgotten: string[] = [];
    const stage: PromptStage<number, Event, Event, number> = {
      ...echo(null, true),
      sideInput: {
        stream: others,
        initial: () => 0,
        learn: (sum, event) => sum + (isClosing(event) ? 0 : 1),
        forget: (sum, { data }) => {
          forgotten.push(data.end);
          return sum;
        },
      },
      async ask(work, _, signal, knowledge) {
        const { n } = work.data as { n: number };
        await knowledge.until((known) => known >= n, signal);
        return answerTo(work);
      },
    };
    await running(stage, async ({ write, ids, untilLast, readPosition }) => {
      await write(draws, [drawn(0, 1, 1), drawn(0, 1, 2, 'b'), drawsClosed(0, 1)]);
      await write(others, [NumberSeen.at(minute(1), { n: 1 })]);
      await until('the first sum to be published', async () => (await ids(sums)).includes('sums:0:a:1'));
      assert.deepEqual(await ids(sums), ['sums:0:a:1']);
      await write(others, [NumberSeen.at(minute(1), { n: 2 })]);
      await untilLast(sums, 'sums.0', closingId(1));
      assert.deepEqual(await ids(sums), ['sums:0:a:1', 'sums:0:b:2', closingId(1)]);
      await until('it to forget', () => forgotten.length > 0);
      assert.deepEqual(forgotten, [minute(1)]);
      assert.equal(readPosition().OTHERS, 2, 'else its status would be behind, and finally frozen');
    });
  });
});
