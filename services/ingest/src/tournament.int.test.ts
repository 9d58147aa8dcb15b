import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { CrunchConfig } from '@crunch-node/domain';
import { lookUntil, type NatsServer, privateNats } from '@crunch-node/embedded/testing';
import { CommandRefused, eventsIn, type Service, sendCommand } from '@crunch-node/service';
import {
  type Event,
  FeedsCycleClosed,
  feeds,
  instantOfMillis,
  rounds,
  type StreamDefinition,
} from '@crunch-node/streams';
import { startIngest } from './index.ts';
import { RoundsBeganLate } from './rounds-writer.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { openScene, type Scene } from './testing/scene.ts';

const NOON = Date.UTC(2026, 0, 1, 12);
const CYCLE = 10_000;

describe('ingest in a tournament', () => {
  let server: NatsServer;
  let scene: Scene;
  let clock: FakeClock;
  let ingest: Service;
  before(async () => {
    server = await privateNats();
  });
  after(() => server.stop());
  beforeEach(async () => {
    clock = new FakeClock(NOON + 1_000);
    scene = await openScene(server.url, 'live', { provider: 'none', subjects: [] }, { cycle_seconds: 10 });
    await scene.log.ensureStreams([rounds]);
  });
  afterEach(async () => {
    await ingest.stop();
    await scene.close();
  });

  const start = async (): Promise<void> => {
    const { context } = scene;
    const rules = { kind: 'tournament', trading: null, tournament: { max_samples: 5 } } as const;
    const config: CrunchConfig = { ...context.config, ...rules, input_type: null, ground_truth_type: null };
    ingest = await startIngest({ ...context, config }, { clock });
  };
  const send = (name: string, tournament: string, more: object) =>
    sendCommand(scene.log, `rounds.${name}`, { tournament, ...more });
  /** Also while ingest is still beginning. */
  const request = (tournament: string, samples = 1) =>
    lookUntil(
      () =>
        send('request', tournament, { features: Array.from({ length: samples }, () => ({})) }).catch(
          (error: CommandRefused) => error,
        ),
      (answer) => !(answer instanceof CommandRefused && answer.status === 503),
    );
  const eventsOf = (stream: StreamDefinition): Promise<Event[]> => eventsIn(scene.log, stream);
  const idsOf = async (stream: StreamDefinition): Promise<string[]> => (await eventsOf(stream)).map(({ id }) => id);
  const closedTo = (end: number) =>
    lookUntil(
      () => idsOf(rounds),
      (ids) => ids.includes(`cycle:rounds:${end}`),
    );

  it('closes cycles by the clock, requests between them', async () => {
    await start();
    await request('a');
    clock.moveTo(NOON + CYCLE + 1);
    await closedTo(NOON + CYCLE);
    await request('b');
    await send('ground_truth', 'a', { ground_truth: { price: 1 } });
    clock.moveTo(NOON + 2 * CYCLE + 1);
    assert.deepEqual(await closedTo(NOON + 2 * CYCLE), [
      'tournament:a:requested',
      `cycle:rounds:${NOON + CYCLE}`,
      'tournament:b:requested',
      'tournament:a:ground_truth',
      `cycle:rounds:${NOON + 2 * CYCLE}`,
    ]);
    assert.deepEqual(await scene.published(), [`cycle:feeds:${NOON + CYCLE}`, `cycle:feeds:${NOON + 2 * CYCLE}`]);
  });

  it('stamps a request inside its cycle with all of its samples', async () => {
    await start();
    await request('first');
    clock.moveTo(NOON + CYCLE); // on the boundary: it is closed first
    await request('on-the-boundary', 5);
    await lookUntil(
      () => eventsOf(rounds),
      (events) => events.length === 3,
    );
    const [first, closing, second] = await eventsOf(rounds);
    assert.equal(closing?.type, 'CycleClosed');
    assert.ok((first?.at ?? '') <= (closing?.at ?? ''));
    assert.equal(second?.at, '2026-01-01T12:00:10.000001Z');
    clock.moveTo(NOON + 2 * CYCLE - 1 + 0.998);
    await request('at-the-end', 5);
    const third = (await eventsOf(rounds)).at(-1);
    assert.equal(third?.at, '2026-01-01T12:00:19.999995Z');
  });

  it('forwards the closing an earlier owner had no time to forward', async () => {
    await start();
    await request('a');
    await ingest.stop();
    const end = instantOfMillis(NOON + CYCLE);
    const publisher = scene.log.publisher();
    const event = FeedsCycleClosed.at(end, { start: null, end, config_hash: 'test' });
    await publisher.append(feeds, { event, natsSubject: 'feeds.cycle' });
    await publisher.close();
    clock.moveTo(NOON + CYCLE + 5);
    await start();
    assert.deepEqual(await closedTo(NOON + CYCLE), ['tournament:a:requested', `cycle:rounds:${NOON + CYCLE}`]);
    const again = await request('a');
    assert.ok(again instanceof CommandRefused && again.status === 409);
  });

  it('refuses a log that was written by a competition with a feed', async () => {
    const publisher = scene.log.publisher();
    for (const [start, n] of [
      [null, 1],
      [NOON + CYCLE, 2],
    ] as const) {
      const end = instantOfMillis(NOON + n * CYCLE);
      const bounds = { start: start === null ? null : instantOfMillis(start), end, config_hash: 'test' };
      await publisher.append(feeds, { event: FeedsCycleClosed.at(end, bounds), natsSubject: 'feeds.cycle' });
    }
    await publisher.close();
    await start();
    await assert.rejects(ingest.ended, RoundsBeganLate);
  });
});
