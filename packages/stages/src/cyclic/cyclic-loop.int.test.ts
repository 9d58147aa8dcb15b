import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { NatsServer } from '@crunch-node/embedded';
import { privateNats, until } from '@crunch-node/embedded/testing';
import { FencedError } from '@crunch-node/eventlog';
import { type Bench, onBench } from '../testing/bench.ts';
import { closingId, cycleOf, drawn, draws, drawsClosed, SumMade, summing, sums, sumsClosed } from '../testing/toys.ts';
import { runCyclic } from './cyclic-loop.ts';
import type { CyclicStage } from './cyclic-stage.ts';

describe('the cyclic loop', () => {
  let server: NatsServer;
  let bench: Bench;
  before(async () => {
    server = await privateNats();
  });
  after(() => server.stop());

  const withBench = (work: (bench: Bench) => Promise<void>): Promise<void> =>
    onBench(server.url, [draws, sums], (opened) => {
      bench = opened;
      return work(opened);
    });

  /** Runs until the closing of a cycle is published, then stops. */
  async function runTo(cycle: number, stage: CyclicStage<number>): Promise<void> {
    const stop = new AbortController();
    const running = runCyclic([stage], bench.context(stop.signal));
    await Promise.race([running, bench.untilLast(sums, 'sums.0', closingId(cycle))]);
    stop.abort();
    await running.catch((error: unknown) => assert.ok(stop.signal.aborted, String(error)));
  }

  it('reacts once all inputs have closed a cycle, in canonical order whatever the order of arrival', () =>
    withBench(async ({ write, ids }) => {
      const seen: string[][] = [];
      await write(draws, [
        drawn(1, 1, 5),
        drawn(0, 1, 9, 'b'),
        drawn(0, 1, 3),
        drawsClosed(0, 1),
        drawn(0, 2, 1),
        drawn(1, 1, 1, 'b'),
        drawsClosed(1, 1),
        drawsClosed(1, 2),
        drawsClosed(0, 2),
      ]);
      await runTo(2, summing(0, [0, 1], seen));
      assert.deepEqual(seen, [['draws:0:a:3', 'draws:1:a:5', 'draws:0:b:9', 'draws:1:b:1'], ['draws:0:a:1']]);
      assert.deepEqual(
        (await ids(sums)).filter((id) => id.startsWith('cycle')),
        ['cycle:sums:0:60000', 'cycle:sums:0:120000'],
      );
      assert.equal((await ids(sums)).at(-1), 'cycle:sums:0:120000');
    }));

  it('publishes nothing twice after an interruption between an event and its closing', () =>
    withBench(async ({ write, ids }) => {
      await write(draws, [drawn(0, 1, 1), drawsClosed(0, 1), drawn(0, 2, 2), drawn(0, 2, 3, 'b'), drawsClosed(0, 2)]);
      // An earlier owner published all of cycle 1 and half of cycle 2.
      const half = SumMade.at(cycleOf(2).end, { partition: 0, n: 3, scope_key: 'a' });
      const first = SumMade.at(cycleOf(1).end, { partition: 0, n: 1, scope_key: 'a' });
      await write(sums, [first, sumsClosed(1), half]);
      await runTo(2, summing(0, [0]));
      assert.deepEqual(await ids(sums), [
        'sums:0:a:1',
        'cycle:sums:0:60000',
        'sums:0:a:3',
        'sums:0:b:6',
        'cycle:sums:0:120000',
      ]);
      // A restart changes nothing: the state is recomputed, the events are already published.
      await write(draws, [drawsClosed(0, 3)]);
      await runTo(3, summing(0, [0]));
      assert.equal((await ids(sums)).length, 6);
    }));

  it('closes a cycle without events', () =>
    withBench(async ({ write, ids }) => {
      await write(draws, [drawsClosed(0, 1), drawsClosed(0, 2)]);
      await runTo(2, summing(0, [0]));
      assert.deepEqual(await ids(sums), ['cycle:sums:0:60000', 'cycle:sums:0:120000']);
    }));

  it('corrects a recomputed state by its last published closing', () =>
    withBench(async ({ write, ids }) => {
      await write(draws, [drawn(0, 1, 1), drawsClosed(0, 1), drawn(0, 2, 2), drawsClosed(0, 2)]);
      await write(sums, [sumsClosed(1)]);
      await runTo(2, { ...summing(0, [0]), adopt: () => 100 });
      assert.deepEqual(await ids(sums), ['cycle:sums:0:60000', 'sums:0:a:102', 'cycle:sums:0:120000']);
    }));

  it('ignores an event of a cycle its writer has already closed', () =>
    withBench(async ({ write, ids }) => {
      await write(draws, [drawsClosed(0, 1), drawn(0, 1, 7), drawn(0, 2, 2), drawsClosed(0, 2)]);
      await runTo(2, summing(0, [0]));
      assert.deepEqual(await ids(sums), ['cycle:sums:0:60000', 'sums:0:a:2', 'cycle:sums:0:120000']);
    }));

  it('continues however far apart its inputs are in the log', () =>
    withBench(async ({ write }) => {
      const cycles = Array.from({ length: 1_500 }, (_, i) => i + 1);
      for (const partition of [0, 1]) {
        await write(
          draws,
          cycles.flatMap((cycle) => [drawn(partition, cycle, cycle), drawsClosed(partition, cycle)]),
        );
      }
      await runTo(1_500, summing(0, [0, 1]));
    }));

  it('stops when another owner is at work', () =>
    withBench(async ({ write, ids, context, connect }) => {
      await write(draws, [drawsClosed(0, 1)]);
      await runTo(1, summing(0, [0]));
      const stop = new AbortController();
      const seen: string[][] = [];
      const zombie = runCyclic([summing(0, [0], seen)], context(stop.signal, await connect()));
      const fenced = assert.rejects(zombie, FencedError);
      await until('the zombie to have reacted', () => seen.length > 0);
      // The other owner closes cycle 2 first; the outdated one is fenced at its first publish.
      await write(sums, [SumMade.at(cycleOf(2).end, { partition: 0, n: 2, scope_key: 'a' }), sumsClosed(2)]);
      await write(draws, [drawn(0, 2, 2), drawsClosed(0, 2)]);
      await fenced;
      assert.equal((await ids(sums)).length, 3);
    }));
});
