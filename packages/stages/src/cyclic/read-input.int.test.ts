import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type NatsServer, privateNats, until } from '@crunch-node/embedded/testing';
import { Notifier } from '@crunch-node/service';
import type { Event } from '@crunch-node/streams';
import { type Bench, openBench } from '../testing/bench.ts';
import { drawn, draws, drawsClosed } from '../testing/toys.ts';
import { CycleBarrier } from './cycle-barrier.ts';
import { readInput } from './read-input.ts';

const CYCLES = 3_000;
const PER_CYCLE = 3;
const limits = { maxCycles: 50, maxBytes: 20_000 };
/** The largest batch may exceed the limit of a source. */
const BATCH_BYTES = 1_000 * 400;

const cycleOf = (partition: number, n: number): Event[] => [
  ...Array.from({ length: PER_CYCLE }, (_, i) => drawn(partition, n, n * PER_CYCLE + i)),
  drawsClosed(partition, n),
];

describe('reading for partitions that are far apart in the log', () => {
  let server: NatsServer;
  let bench: Bench;
  before(async () => {
    server = await privateNats();
    bench = await openBench(server.url, [draws]);
    const all = Array.from({ length: CYCLES }, (_, i) => i + 1);
    // Partition 0 is complete before 1 begins; 2 is in between.
    await bench.write(
      draws,
      all.flatMap((n) => [...cycleOf(0, n), ...(n % 2 === 0 ? cycleOf(2, n / 2) : [])]),
    );
    await bench.write(
      draws,
      all.flatMap((n) => [...cycleOf(1, n), ...(n > CYCLES / 2 ? cycleOf(2, n) : [])]),
    );
  });
  after(async () => {
    await bench?.close();
    await server?.stop();
  });

  interface Consumed {
    readonly mostHeld: number;
    readonly cycles: string[][];
  }

  /** Reads everything, until each partition is known to be at the end of the stream. */
  async function consume(sourcesOf: readonly (readonly string[])[]): Promise<Consumed> {
    const stopping = new AbortController();
    const notifier = new Notifier(stopping.signal);
    const barriers = sourcesOf.map((sources) => new CycleBarrier(sources, [draws], notifier, limits));
    const reached = new Map(barriers.map((barrier) => [barrier, 0]));
    let mostHeld = 0;
    const look = (): void => {
      mostHeld = Math.max(mostHeld, ...barriers.map(({ heldBytes }) => heldBytes));
    };
    const reading = readInput(
      {
        log: bench.log,
        input: draws,
        notifier,
        barriers: () => barriers,
        read: async () => look(),
        reached: (barrier, sequence) => reached.set(barrier, sequence),
      },
      stopping.signal,
    );
    reading.catch(() => notifier.notify());
    const cycles = await Promise.all(
      barriers.map(async (barrier) => {
        const ids: string[] = [];
        for (let n = 1; n <= CYCLES; n++) {
          const closed = await Promise.race([barrier.next(stopping.signal), reading]);
          if (!closed) break;
          look();
          ids.push(...closed.events.map(({ id }) => id));
        }
        return ids;
      }),
    );
    const { lastSequence } = await bench.log.info(draws);
    const haveCome = (): boolean => [...reached.values()].every((sequence) => sequence === lastSequence);
    await Promise.race([
      until('all to have come to the end', haveCome, { seen: () => [...reached.values()] }),
      reading,
    ]);
    stopping.abort();
    await reading;
    return { mostHeld, cycles };
  }

  const idsOf = (partition: number): string[] =>
    Array.from({ length: CYCLES * PER_CYCLE }, (_, i) => drawn(partition, 1, i + PER_CYCLE).id);

  it('delivers every event of every source once, in order, and stays within its limits', async () => {
    const { mostHeld, cycles } = await consume([['draws.0', 'draws.1', 'draws.2']]);
    const of = (partition: number): string[] => cycles[0]!.filter((id) => id.startsWith(`draws:${partition}:`));
    for (const partition of [0, 1, 2]) assert.deepEqual(of(partition), idsOf(partition));
    assert.ok(mostHeld <= 3 * limits.maxBytes + BATCH_BYTES, `${mostHeld} bytes`);
  });

  it('does not block others: each partition proceeds independently', async () => {
    const { mostHeld, cycles } = await consume([['draws.0'], ['draws.1'], ['draws.2']]);
    assert.deepEqual(cycles, [idsOf(0), idsOf(1), idsOf(2)]);
    assert.ok(mostHeld <= limits.maxBytes + BATCH_BYTES, `${mostHeld} bytes`);
  });
});
