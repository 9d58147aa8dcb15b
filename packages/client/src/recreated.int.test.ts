/** A subscriber that stays connected while the stream is deleted and created again. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '@crunch-node/embedded/testing';
import { LogWentBackwards } from '@crunch-node/eventlog';
import { allStreams, signals } from '@crunch-node/streams';
import type { SignalsOptions } from './read-signals.ts';
import { closed, type Newsroom, openNewsroom, signalled } from './testing/newsroom.ts';

type Published = ReturnType<typeof signalled> | ReturnType<typeof closed>;

describe('a stream of signals that is created again', () => {
  let room: Newsroom;
  before(async () => {
    room = await openNewsroom();
  });
  after(() => room.stop());

  async function recreate(...published: Published[]): Promise<void> {
    await room.log.request(`$JS.API.STREAM.DELETE.${signals.name}`, {}, 5_000);
    await room.log.ensureStreams(allStreams);
    await room.publish(...published);
  }

  /** The signals a subscriber handles, and its error, when the stream is recreated after a number of signals. */
  async function readOver(options: SignalsOptions, count: number, again: Published[], waits = false) {
    await recreate(signalled(1), signalled(2), signalled(3), closed(3));
    const client = await room.subscriber();
    const handled: (number | null)[] = [];
    const recreated: Promise<unknown>[] = [];
    let hasEnded = false;
    const recreateUntil = (isOver: () => boolean): Promise<true> =>
      until('the subscriber to notice', async () => recreate(...again).then(isOver), { everyMs: 100 });
    const go = (): void => void recreated.push(recreate(...again));
    try {
      const reading = client.signals({ ...options, signal: AbortSignal.timeout(30_000) });
      // Whether it has asked for the end of the stream yet is not visible from outside: when it asks in the middle of a
      // creation, it handles what is published after.
      if (count === 0) recreated.push(recreateUntil(() => hasEnded));
      for await (const { data } of reading) {
        handled.push(data.value);
        if (handled.length !== count) continue;
        go();
        if (waits) await recreated[0];
      }
      return { handled, fault: null };
    } catch (error) {
      return { handled, fault: error };
    } finally {
      hasEnded = true;
      await Promise.all(recreated);
      await client.close();
    }
  }

  const longer = [11, 12, 13, 14, 15, 16].map((n) => signalled(n));
  const cases: [string, SignalsOptions, number, number[], Published[], boolean][] = [
    ['longer, while it waits', { since: 'start' }, 3, [1, 2, 3], longer, false],
    ['longer, while it handles a signal', { since: 'start' }, 3, [1, 2, 3], longer, true],
    ['shorter', { since: 'start' }, 3, [1, 2, 3], [signalled(11)], false],
    ['with the same ids', { since: 'start' }, 3, [1, 2, 3], [1, 2, 3, 4, 5, 6].map((n) => signalled(n)), false],
    ['longer, before it has read anything', { since: 'now' }, 0, [], longer, false],
  ];
  for (const [name, options, count, values, again, waits] of cases) {
    it(`is detected: ${name}`, async () => {
      const { handled, fault } = await readOver(options, count, again, waits);
      assert.ok(fault instanceof LogWentBackwards, String(fault));
      const published = again.map(({ event }) => (event.type === 'EnsembleSignalled' ? event.data.value : null));
      const from = published.indexOf(handled[0] ?? null);
      const late = count === 0 && from >= 0 ? published.slice(from, from + handled.length) : [];
      assert.deepEqual(handled, [...values, ...late]);
    });
  }
});
