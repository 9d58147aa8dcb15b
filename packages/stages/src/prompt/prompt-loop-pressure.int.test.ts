import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type NatsServer, privateNats, until } from '@crunch-node/embedded/testing';
import { type Event, isClosing } from '@crunch-node/streams';
import { openBench } from '../testing/bench.ts';
import { closingId, drawn, draws, drawsClosed, SumMade, SumsClosed, sums } from '../testing/toys.ts';
import { runPrompt } from './prompt-loop.ts';
import type { PromptStage } from './prompt-stage.ts';

const WAITING = 20_000;

describe('a prompt stage with unresponsive models', () => {
  let server: NatsServer;
  before(async () => {
    server = await privateNats();
  });
  after(() => server.stop());

  it('bounds the work in progress, however much waits, and publishes everything once they respond', async () => {
    const bench = await openBench(server.url, [draws, sums]);
    const stop = new AbortController();
    const answers: (() => void)[] = [];
    let isStalled = true;
    let asked = 0;
    const answerTo = (event: Event): Event =>
      SumMade.at(event.at, { ...(event.data as { n: number; scope_key: string }), partition: 0 });
    const stage: PromptStage<number, Event, Event> = {
      stream: sums,
      closingSubject: 'sums.0',
      owns: (natsSubject) => natsSubject.startsWith('sums.0'),
      input: draws,
      sequential: false,
      initial: () => 0,
      remember: (count) => count + 1,
      plan: (count, event) => ({ state: count, work: isClosing(event) ? null : event }),
      remaining: (work, isPublished) => (isPublished(answerTo(work).id) ? null : work),
      async ask(work) {
        asked += 1;
        if (isStalled) await new Promise<void>((resolve) => answers.push(resolve));
        return answerTo(work);
      },
      record: (_, answer) => [{ event: answer }],
      closing: (cycle) => SumsClosed.at(cycle.end, { ...cycle, partition: 0 }),
    };
    try {
      await bench.write(
        draws,
        Array.from({ length: WAITING }, (_, n) => drawn(0, 1, n + 1)),
      );
      await bench.write(draws, [drawsClosed(0, 1)]);
      const context = bench.context(stop.signal);
      const loop = runPrompt([stage], context);
      loop.catch(() => undefined);
      const { counts } = context.vitals;
      await until('as many to be asked as may be', () => asked >= 500, { deadlineMs: 60_000 });
      // A loop that read on would have a good part of the stream by the time another reader has read all of it.
      for (let times = 0; times < 3; times++) assert.equal((await bench.ids(draws)).length, WAITING + 1);
      assert.equal(asked, 500);
      assert.ok((counts.events ?? 0) <= 3_500, `${counts.events} of ${WAITING} were read`);
      isStalled = false;
      for (const answer of answers) answer();
      await bench.untilLast(sums, 'sums.0', closingId(1));
      assert.equal((await bench.ids(sums)).length, WAITING + 1);
      stop.abort();
      await loop.catch(() => undefined);
    } finally {
      stop.abort();
      await bench.close();
    }
  });
});
