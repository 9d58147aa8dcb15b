import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { NatsServer } from '@crunch-node/embedded';
import { privateNats, until } from '@crunch-node/embedded/testing';
import type { EventLog, StateStore } from '@crunch-node/eventlog';
import { createLogger } from '@crunch-node/service';
import type { Event } from '@crunch-node/streams';
import { runCyclic } from '../cyclic/cyclic-loop.ts';
import type { CyclicStage } from '../cyclic/cyclic-stage.ts';
import type { LoopContext } from '../loop.ts';
import { soleLease } from '../ownership/partition-lease.ts';
import { readPublishedTails } from '../publish/published-tail.ts';
import { type Bench, onBench } from '../testing/bench.ts';
import { closingId, drawn, draws, drawsClosed, minute, summing, sums } from '../testing/toys.ts';
import { type KeeperContext, stateKeeper } from './keeper.ts';
import { isUnchanged, type Place } from './place.ts';
import { resume } from './resume.ts';

const SOON = { deadlineMs: 30_000 };

/** Cycles in which each of two partitions draws a number. */
const cycles = (from: number, to: number): Event[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i).flatMap((cycle) => [
    drawn(0, cycle, cycle % 50),
    drawn(1, cycle, cycle % 7),
    drawsClosed(0, cycle),
    drawsClosed(1, cycle),
  ]);

/** Sums like the toy stage, with a state that JSON cannot represent. */
function remembering(seen: string[][] = []): CyclicStage<ReadonlyMap<string, number>> {
  const toy = summing(0, [0, 1], seen);
  const { stream, closingSubject, owns, inputs, sources } = toy;
  return {
    stream,
    closingSubject,
    owns,
    inputs,
    sources,
    initial: () => new Map(),
    react(state, cycle, events) {
      const { state: sum, events: published } = toy.react(state.get('sum') ?? -0, cycle, events);
      return { state: new Map([['sum', sum]]), events: published };
    },
  };
}

describe('a stage that continues from a saved state', () => {
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

  const keptBy = (context: LoopContext, log: EventLog, more: Partial<KeeperContext> = {}) =>
    stateKeeper({
      service: 'toy',
      partitions: [0],
      log,
      configHash: 'toy',
      fingerprint: () => 'this code',
      logger: createLogger('silent'),
      instruments: context.instruments,
      everySeconds: 0.001,
      ...more,
    });

  const endOfSaved = async (store: StateStore): Promise<string> =>
    (await store.heads('toy')).map(({ about }) => String(about.cycle_end)).reduce((a, b) => (a > b ? a : b), '');

  interface Run {
    readonly log?: EventLog;
    readonly keeper?: Partial<KeeperContext>;
    readonly seen?: string[][];
  }

  /** Runs until a cycle is closed, and a state of it or a later one is saved; returns how many events were read. */
  async function runTo(cycle: number, { log = bench.log, keeper = {}, seen = [] }: Run = {}): Promise<number> {
    const stop = new AbortController();
    const bare = bench.context(stop.signal, log);
    const context = { ...bare, states: keptBy(bare, log, keeper) };
    const running = runCyclic([remembering(seen)], context);
    const closed = bench.untilLast(sums, 'sums.0', closingId(cycle));
    await Promise.race([running, closed]);
    stop.abort();
    await running.catch((error: unknown) => assert.ok(stop.signal.aborted, String(error)));
    return context.vitals.counts.events ?? 0;
  }

  /** One cycle after the other, until the state of some of them is saved. */
  async function runUntilSaved(from: number): Promise<number> {
    const stop = new AbortController();
    const bare = bench.context(stop.signal);
    const running = runCyclic([remembering()], { ...bare, states: keptBy(bare, bench.log) });
    const store = await bench.log.states();
    let cycle = from;
    await Promise.race([
      running,
      until(
        'a late state is saved',
        async () => {
          await bench.write(draws, cycles(cycle, cycle));
          cycle += 1;
          return (await endOfSaved(store)) >= minute(from);
        },
        SOON,
      ),
    ]);
    await bench.untilLast(sums, 'sums.0', closingId(cycle - 1));
    stop.abort();
    await running.catch((error: unknown) => assert.ok(stop.signal.aborted, String(error)));
    return cycle - 1;
  }

  it('reads only the tail, also in another process, and publishes the same events', () =>
    withBench(async ({ write, ids, connect, log }) => {
      await write(draws, cycles(1, 500));
      const last = await runUntilSaved(501);
      const all = (await log.info(draws)).lastSequence;
      await write(draws, cycles(last + 1, last + 3));
      const seen: string[][] = [];
      const read = await runTo(last + 3, { log: await connect(), seen });
      assert.ok(read < all / 4, `${read} of ${all} messages were read`);
      assert.ok(seen.length < 200, `${seen.length} cycles`);
      const resumed = (await ids(sums)).join();
      await withBench(async (undisturbed) => {
        await undisturbed.write(draws, cycles(1, last + 3));
        await runTo(last + 3, { keeper: { everySeconds: 10_000 } });
        assert.equal(resumed, (await undisturbed.ids(sums)).join());
      });
    }));

  it('reports its position before anything new arrives', () =>
    withBench(async ({ log, context }) => {
      const last = await runUntilSaved(1);
      const signal = new AbortController().signal;
      const states = keptBy(context(signal), log);
      const lease = soleLease(0);
      const stages = [{ ...remembering(), reads: [draws] }];
      const tails = await readPublishedTails(log, stages, signal);
      const { saved, after } = await resume(stages, { ...context(signal), states }, [lease], tails);
      assert.ok(saved[0]!.cycle_end <= minute(last));
      assert.ok(after(draws) > 0);
      assert.deepEqual(lease.progress.standing().read, { DRAWS: after(draws) });
    }));

  for (const [title, keeper] of Object.entries({
    'other code': { fingerprint: () => 'other code' },
    'another configuration': { configHash: 'other' },
    'another service': { service: 'other' },
  } satisfies Record<string, Partial<KeeperContext>>)) {
    it(`starts from the first cycle when the state was saved by ${title}`, () =>
      withBench(async ({ write, log }) => {
        const last = await runUntilSaved(1);
        await write(draws, cycles(last + 1, last + 1));
        const read = await runTo(last + 1, { keeper });
        assert.equal(read, (await log.info(draws)).lastSequence);
      }));
  }

  it('never continues from a cycle it has not closed', () =>
    withBench(async ({ log, context }) => {
      const last = await runUntilSaved(1);
      const bare = context(new AbortController().signal);
      const load = (until: string) => keptBy(bare, log).load(0, [draws, sums], until);
      assert.ok((await load(minute(last)))!.cycle_end <= minute(last));
      assert.equal(await load(''), null);
      assert.equal(await load(minute(0)), null);
    }));

  it('uses the previous state when the newest is damaged, and none when both are', () =>
    withBench(async ({ log, context }) => {
      const last = await runUntilSaved(1);
      const store = await log.states();
      const never = new AbortController().signal;
      await until(
        'two are saved',
        async () => (await store.heads('toy')).length === 2 || (await runUntilSaved(last + 1)) < 0,
        SOON,
      );
      const load = () => keptBy(context(never), log).load(0, [draws, sums], minute(10_000));
      const heads = [...(await store.heads('toy'))].sort((a, b) =>
        String(a.about.cycle_end) < String(b.about.cycle_end) ? 1 : -1,
      );
      for (const [i, head] of heads.entries()) {
        assert.equal((await load())?.cycle_end, head.about.cycle_end, `${i}`);
        const bytes = (await store.load('toy', head))!;
        async function* half() {
          yield bytes.subarray(0, bytes.length / 2);
        }
        await store.save('toy', head.slot, head.about, half(), never);
      }
      assert.equal(await load(), null);
    }));

  it('distinguishes its stream, and its history, from others', () =>
    withBench(async ({ write, log }) => {
      await write(draws, cycles(1, 3));
      const { created } = await log.info(draws);
      const stored = (await log.storedAt(draws, 4))!;
      const place: Place = { stream: 'DRAWS', created, sequence: 4, ...stored };
      assert.ok(await isUnchanged(log, draws, place));
      for (const other of [
        { created: '2020-01-01T00:00:00Z' },
        { sequence: 5 },
        { sequence: 500 },
        { message_id: 'cycle:draws:0:1' },
        { stored_us: stored.stored_us - 1 },
      ]) {
        assert.equal(await isUnchanged(log, draws, { ...place, ...other }), false, JSON.stringify(other));
      }
    }));

  it('works on when nothing can be saved', () =>
    withBench(async ({ write, log, context }) => {
      await write(draws, cycles(1, 20));
      const refusing = { ...log, states: async () => Promise.reject(new Error('away')) } as EventLog;
      const stop = new AbortController();
      const bare = context(stop.signal);
      const running = runCyclic([remembering()], { ...bare, states: keptBy(bare, refusing) });
      await bench.untilLast(sums, 'sums.0', closingId(20));
      stop.abort();
      await running.catch(() => undefined);
    }));
});
