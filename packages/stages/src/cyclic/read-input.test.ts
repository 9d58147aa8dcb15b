import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LogReader, Recorded } from '@crunch-node/eventlog';
import { Notifier } from '@crunch-node/service';
import type { Event } from '@crunch-node/streams';
import { drawn, draws, drawsClosed } from '../testing/toys.ts';
import { CycleBarrier } from './cycle-barrier.ts';
import { readInput } from './read-input.ts';

const CYCLES = 60;
/** All cycles of one partition, then all of another, one event and its closing each. */
const events: readonly Recorded[] = [0, 1]
  .flatMap((p) => Array.from({ length: CYCLES }, (_, i) => [p, i + 1] as const))
  .flatMap(([p, n]): [number, Event][] => [
    [p, drawn(p, n, n)],
    [p, drawsClosed(p, n)],
  ])
  .map(
    ([p, event], i) =>
      ({ event, obs: {}, sequence: i + 1, natsSubject: `draws.${p}`, stored_us: 0, bytes: 100 }) as never,
  );

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
};

/** A log in memory whose readers take some turns of the event loop to close, as those of a server do. */
function logThatClosesSlowly(closingTurns: number): LogReader {
  async function* read(_: unknown, { after, signal }: { after: number; signal: AbortSignal }) {
    try {
      for (let at = after; at < events.length; at += 4) {
        if (signal.aborted) return;
        const batch = events.slice(at, at + 4);
        yield { events: batch, lastSequence: batch.at(-1)!.sequence };
      }
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    } finally {
      await turns(closingTurns);
    }
  }
  return { read } as unknown as LogReader;
}

/** A small generator of whole numbers below 4, equal for equal seeds. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) % 4;
  };
}

/** Cycles that a barrier of both partitions gets. */
async function takenBy(closingTurns: number, seed: number): Promise<number> {
  const stopping = new AbortController();
  const notifier = new Notifier(stopping.signal);
  const barrier = new CycleBarrier(['draws.0', 'draws.1'], [draws], notifier, { maxCycles: 1, maxBytes: 100 });
  const log = logThatClosesSlowly(closingTurns);
  const reading = readInput(
    { log, input: draws, notifier, barriers: () => [barrier], read: async () => undefined },
    stopping.signal,
  );
  let taken = 0;
  const taking = (async () => {
    const pause = dice(seed);
    while (taken < CYCLES) {
      if ((await barrier.next(stopping.signal)) === null) return;
      taken += 1;
      await turns(pause());
    }
  })();
  // Nothing but turns of the event loop happens here: what has not come by then never does.
  for (let i = 0; i < 3_000 && taken < CYCLES; i++) await turns(1);
  stopping.abort();
  await Promise.all([reading, taking]);
  return taken;
}

describe('partitions that are far apart in the log', () => {
  for (const closingTurns of [0, 1, 5])
    it(`get every cycle, also when readers take ${closingTurns} turns of the event loop to close`, async () => {
      for (let seed = 1; seed <= 20; seed++) assert.equal(await takenBy(closingTurns, seed), CYCLES, `seed ${seed}`);
    });
});
