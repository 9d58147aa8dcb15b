import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type NatsServer, privateNats, until } from '@crunch-node/embedded/testing';
import { type EnsembleSignalled, type Event, signals } from '@crunch-node/streams';
import { type Scene, type SceneOptions, scene } from './testing/scene.ts';

describe('the ensemble service', () => {
  let server: NatsServer;
  before(async () => {
    server = await privateNats();
  });
  after(async () => {
    await server.stop();
  });
  const on = (options: SceneOptions, work: (scene: Scene) => Promise<void>) => scene(server.url, options, work);

  const values = (published: readonly EnsembleSignalled[]) =>
    published.map(({ data }) => [
      data.performed_at.slice(14, 16),
      data.value,
      data.weights_cycle_end?.slice(14, 16) ?? null,
    ]);
  const weights = { a: 0.25, b: 0.75 };

  it('uses the weights decided two cycles before, and equal ones until there are any', () =>
    on({}, async ({ asked, closed, weighted, ranked, write, start, signalled }) => {
      start();
      for (const n of [1, 2, 3, 4, 5]) {
        await write(asked(0, n, { a: 4 }), asked(1, n, { b: 0 }), closed(0, n), closed(1, n));
        // Rank publishes weights from the first cycle on, and other ones in the second.
        if (n <= 2) await write(weighted(n, n === 1 ? weights : { a: 1 }));
        if (n <= 3) await write(ranked(n));
      }
      assert.deepEqual(values(await signalled(5)), [
        ['01', 2, null],
        ['02', 2, null],
        ['03', 1, '01'],
        ['04', 4, '02'],
        ['05', 4, '02'],
      ]);
    }));

  it('waits for the weights, and signals before the closing', () =>
    on({}, async ({ asked, closed, weighted, ranked, write, start, signalled, all }) => {
      const service = start();
      for (const n of [1, 2, 3]) await write(asked(0, n, { a: 4 }), asked(1, n, { b: 0 }), closed(0, n), closed(1, n));
      await signalled(2);
      await write(weighted(1, weights));
      await until('all to be read', () => (service.health().counts.events ?? 0) >= 12);
      assert.equal((await all()).length, 4);
      await write(ranked(1));
      assert.deepEqual(values(await signalled(3)).at(-1), ['03', 1, '01']);
      assert.deepEqual(
        (await all()).slice(-2).map(({ type }) => type),
        ['EnsembleSignalled', 'CycleClosed'],
      );
    }));

  it('combines a round at once when a partition closes the cycle without it', () =>
    on({ partitions: 3 }, async ({ asked, closed, write, start, signalled }) => {
      start();
      await write(asked(0, 1, { a: 4 }), asked(2, 1, { c: 2 }), closed(1, 1), closed(0, 1), closed(2, 1));
      assert.deepEqual(values(await signalled(1)), [['01', 3, null]]);
    }));

  it('publishes a signal whose value is null when no model answered', () =>
    on({}, async ({ asked, closed, write, start, signalled }) => {
      start();
      await write(asked(0, 1), asked(1, 1, { b: null }), closed(0, 1), closed(1, 1));
      const [signal] = await signalled(1);
      assert.deepEqual([signal?.data.value, signal?.data.members], [null, []]);
    }));

  /** Several cycles with weights that change, two scopes, three partitions, two ensembles. */
  const story = ({ asked, closed, weighted, ranked }: Scene) => {
    const cycles = Array.from({ length: 12 }, (_, i) => i + 1);
    const models = [0, 1, 2].map((partition) =>
      cycles.flatMap((n) => [
        ...['BTC', 'ETH'].map((scope) =>
          asked(partition, n, { [`m${partition}`]: Math.sin(n + partition), [`n${partition}`]: n }, 2, scope),
        ),
        closed(partition, n),
      ]),
    );
    const rank = cycles.map((n) => [
      weighted(n, { m0: 1 / n, m1: 1 - 1 / n }),
      ...(n % 3 === 0 ? [weighted(n, { n2: 1 }, 'other')] : []),
      ranked(n),
    ]);
    return { models, rank };
  };
  const both: SceneOptions = { partitions: 3, ensembles: [{ name: 'main' }, { name: 'other' }] };
  const byId = (events: readonly Event[]) =>
    [...events].sort((a, b) => (a.id < b.id ? -1 : 1)).map((event) => JSON.stringify(event));

  async function undisturbed(): Promise<string[]> {
    let published: string[] = [];
    await on(both, async (stage) => {
      const { models, rank } = story(stage);
      await stage.write(...rank.flat(), ...models[0]!.flatMap((_, i) => models.map((events) => events[i]!)));
      stage.start();
      await stage.signalled(12);
      published = byId(await stage.all());
    });
    assert.equal(published.length, 12 * (2 * 2 + 1));
    return published;
  }

  it('publishes the same signals when partitions are far apart and weights come late', async () => {
    const expected = await undisturbed();
    await on(both, async (stage) => {
      const { models, rank } = story(stage);
      stage.start();
      await stage.write(...models[2]!, ...models[0]!);
      await stage.write(...models[1]!);
      for (const [i, events] of rank.entries()) {
        await stage.write(...events);
        await stage.signalled(Math.min(12, i + 3));
      }
      assert.deepEqual(byId(await stage.all()), expected);
    });
  });

  it('publishes each signal exactly once when stopped or cut off in the middle', async () => {
    const expected = await undisturbed();
    await on(both, async (stage) => {
      const { models, rank } = story(stage);
      await stage.write(...models.flat());
      let service = stage.start();
      for (const [i, events] of rank.entries()) {
        await stage.write(...events);
        await stage.signalled(Math.min(12, i + 3));
        if (i === 3) {
          await service.stop();
          service = stage.start();
        }
        if (i === 6) {
          await server.kill('SIGKILL');
          await server.restart();
        }
      }
      assert.deepEqual(byId(await stage.all()), expected);
      assert.equal(new Set((await stage.all()).map(({ id }) => id)).size, expected.length);
    });
  });

  it('finishes the cycle its predecessor was interrupted in', () =>
    on({}, async ({ log, asked, closed, write, start, signalled, all }) => {
      const first = start();
      await write(asked(0, 1, { a: 4 }), asked(1, 1, { b: 0 }), asked(0, 1, { a: 1 }, 2, 'ETH'));
      await until('the first signal', () => log.last(signals, 'signals.ensemble.main.BTC'));
      await first.stop();
      start();
      await write(asked(1, 1, { b: 0 }, 2, 'ETH'), closed(0, 1), closed(1, 1));
      assert.equal((await signalled(1)).length, 2);
      assert.equal((await all()).length, 3);
    }));

  it('answers live at half the horizon with the newest weights available, and records which', () =>
    on({ pace: 'live', start: Date.now() - 4 * 60_000 }, async (stage) => {
      const { asked, closed, weighted, ranked, write, start, signalled, minute, all } = stage;
      await write(weighted(1, { a: 1 }), ranked(1));
      start();
      for (const n of [1, 2, 3]) await write(asked(0, n, { a: 4 }), asked(1, n, { b: 0 }), closed(0, n), closed(1, n));
      // Performed just now, half of its horizon is seconds away; rank has not closed the cycle whose weights hold.
      await write(asked(0, 4, { a: 4 }, 1 / 15), asked(1, 4, { b: 0 }, 1 / 15), closed(0, 4), closed(1, 4));
      assert.deepEqual(
        (await signalled(4)).map(({ data }) => [data.value, data.weights_cycle_end]),
        [
          [2, null],
          [2, null],
          [4, minute(1)],
          [4, minute(1)],
        ],
      );
      // With an hour to go it waits.
      await write(asked(0, 5, { a: 4 }, 600), asked(1, 5, { b: 0 }, 600), closed(0, 5), closed(1, 5));
      const before = (await all()).length;
      await write(weighted(3, { b: 1 }), ranked(2), ranked(3));
      assert.deepEqual((await signalled(5)).at(-1)?.data.weights_cycle_end, minute(3));
      assert.equal((await all()).length, before + 2);
    }));
});
