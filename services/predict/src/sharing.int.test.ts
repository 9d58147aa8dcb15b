import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type NatsServer, privateNats, until } from '@crunch-node/embedded/testing';
import { models as modelsStream, type RoundPredicted } from '@crunch-node/streams';
import { candle, closing, model, scene } from './testing/scene.ts';

const SOON = { deadlineMs: 60_000 };
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

describe('processes that share models', () => {
  let server: NatsServer;
  before(async () => {
    server = await privateNats();
  });
  after(() => server.stop());

  it('call each model once per round under any owner, and record once who takes part', () => {
    const calls = new Map<string, number>();
    const counted = names.map((name) =>
      model(name, () => {
        calls.set(name, (calls.get(name) ?? 0) + 1);
        return { value: 1 };
      }),
    );
    return scene(server.url, counted, async ({ write, rounds, start, all }) => {
      const owned = (service: { health(): { counts: Readonly<Record<string, number>> } }): number =>
        service.health().counts.partitions ?? 0;
      const minutes = async (from: number, to: number): Promise<RoundPredicted[]> => {
        for (let minute = from; minute < to; minute++) await write([candle(minute), closing(minute + 1)]);
        return rounds(to);
      };
      const first = start();
      await minutes(0, 3);
      const second = start();
      await until('the second to have its share', () => owned(first) === 2 && owned(second) === 2, SOON);
      await minutes(3, 6);
      await first.stop();
      await until('the second to own all', () => owned(second) === 4, SOON);
      const published = await minutes(6, 9);

      const predictions = published.flatMap(({ data }) => data.predictions);
      assert.equal(predictions.length, 9 * names.length);
      assert.deepEqual([...new Set(predictions.map(({ status }) => status))], ['PENDING']);
      assert.deepEqual(Object.fromEntries(calls), Object.fromEntries(names.map((name) => [name, 9])));
      const facts = (await all(modelsStream)).map(({ type }) => type);
      assert.deepEqual(
        facts,
        names.map(() => 'ModelJoined'),
      );
    });
  });
});
