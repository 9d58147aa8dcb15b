import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type NatsServer, privateNats, until } from '@crunch-node/embedded/testing';
import {
  type ModelEvent,
  models as modelsStream,
  partitionOf,
  predictions,
  type RoundPredicted,
} from '@crunch-node/streams';
import { at, candle, closing, lateModel, model, scene as predictScene } from './testing/scene.ts';

describe('predict', () => {
  let server: NatsServer;
  before(async () => {
    server = await privateNats();
  });
  after(async () => {
    await server.stop();
  });

  const scene = (
    ...[locals, work, options]: Parameters<typeof predictScene> extends [string, ...infer Rest] ? Rest : never
  ) => predictScene(server.url, locals, work, options);

  const outcomes = (rounds: readonly RoundPredicted[]): Record<string, string> =>
    Object.fromEntries(
      rounds.flatMap(({ data }) =>
        data.predictions.map((p) => [
          `${p.model_id}@${data.performed_at.slice(14, 16)}`,
          [p.status, p.runner_status, p.reason].filter(Boolean).join(' '),
        ]),
      ),
    );

  it('records one round per partition, whatever its models do', () =>
    scene(
      [
        model('good', () => ({ value: 0.5 })),
        model('raises', () => {
          throw new Error('boom');
        }),
        model('nan', () => ({ value: Number.NaN })),
        model('nothing', () => undefined),
        model('garbage', () => ({ forecast: 'up' })),
        model('text', () => 'buy!'),
        // Ends with its call: a call that is repeated, after the process stood still, would else find it busy.
        lateModel('late'),
      ],
      async ({ write, rounds, start }) => {
        start();
        await write([candle(0), closing(1)]);
        const published = await rounds(1);
        assert.deepEqual(published.map(({ data }) => data.partition).sort(), [0, 1, 2, 3]);
        const result = outcomes(published);
        assert.equal(result['good@01'], 'PENDING SUCCESS');
        assert.match(result['raises@01'] ?? '', /^FAILED FAILED MODEL_FAILED: .*boom/);
        for (const bad of ['nan', 'nothing', 'garbage', 'text']) {
          assert.match(result[`${bad}@01`] ?? '', /^FAILED (SUCCESS|FAILED) ./, bad);
        }
        assert.equal(result['late@01'], 'FAILED TIMEOUT DEADLINE_EXCEEDED');
        for (const { data } of published) {
          for (const { model_id } of data.predictions) assert.equal(partitionOf(model_id, 4), data.partition);
        }
      },
      { timeout: 0.3 },
    ));

  it('records a model that died as absent, and calls the others', () =>
    scene(
      [model('lives', () => ({ value: 1 })), model('dies', () => ({ value: 2 }))],
      async ({ write, rounds, start, host }) => {
        start();
        await write([candle(0), closing(1)]);
        assert.equal(outcomes(await rounds(1))['dies@01'], 'PENDING SUCCESS');
        host.stop('dies');
        await write([candle(1), closing(2)]);
        const result = outcomes(await rounds(2));
        assert.equal(result['lives@02'], 'PENDING SUCCESS');
        assert.match(result['dies@02'] ?? '', /^(ABSENT|FAILED FAILED)/);
      },
    ));

  it('continues with no models at all, and with one in one of many partitions', async () => {
    await scene([], async ({ write, rounds, start }) => {
      start();
      await write([candle(0), closing(1)]);
      const published = await rounds(1);
      assert.equal(published.length, 4);
      assert.deepEqual(
        published.flatMap(({ data }) => data.predictions),
        [],
      );
    });
    await scene(
      [model('only', () => ({ value: 1 }))],
      async ({ write, rounds, start }) => {
        start();
        await write([candle(0), candle(0, 'ETHUSDT'), closing(1)]);
        const published = await rounds(1);
        assert.equal(published.length, 16);
        assert.equal(published.flatMap(({ data }) => data.predictions).length, 2);
      },
      { partitions: 8 },
    );
  });

  it('cools a model down that keeps timing out, also across a restart', () =>
    scene(
      [lateModel('late')],
      async ({ write, rounds, start }) => {
        const first = start();
        await write([candle(0), closing(1), candle(1), closing(2)]);
        await rounds(2);
        await first.stop();
        start();
        await write([candle(2), closing(3), candle(3), closing(4), candle(4), closing(5)]);
        const result = outcomes(await rounds(5));
        const called = Object.values(result).filter((text) => text.includes('DEADLINE_EXCEEDED')).length;
        const skipped = Object.values(result).filter((text) => text.includes('cool-down')).length;
        assert.deepEqual([called, skipped], [2, 3]);
      },
      { timeout: 0.2 },
    ));

  it('records the participating models once, and again only on a change', () =>
    scene(
      [model('a', () => ({ value: 1 })), model('b', () => ({ value: 1 }))],
      async ({ write, rounds, start, all }) => {
        const first = start();
        await write([candle(0), closing(1)]);
        await rounds(1);
        await first.stop();
        start();
        await write([candle(1), closing(2)]);
        await rounds(2);
        const published = (await all(modelsStream)) as ModelEvent[];
        assert.deepEqual(published.map(({ type, data }) => `${type} ${data.model_id}`).sort(), [
          'ModelJoined a',
          'ModelJoined b',
        ]);
      },
    ));

  it('skips a round that is too old to be predicted, live', () =>
    scene(
      [model('a', () => ({ value: 1 }))],
      async ({ write, rounds, start, all }) => {
        start();
        await write([candle(0), closing(1)]);
        assert.deepEqual(await rounds(1), []);
        const skipped = (await all(predictions)).filter(({ type }) => type === 'RoundSkipped');
        assert.equal(skipped.length, 4);
      },
      { pace: 'live' },
    ));

  it('repeats no call after a restart in the middle of a cycle', () => {
    const asked: unknown[] = [];
    const counting = model('counts', (...args) => {
      asked.push(args);
      return { value: asked.length };
    });
    return scene([counting], async ({ write, rounds, start, log }) => {
      const first = start();
      await write([candle(0), closing(1), candle(1)]);
      const address = `predictions.${partitionOf('counts', 4)}.btcusdt-120s`;
      await until('its second round', async () => (await log.last(predictions, address))?.event.at === at(2));
      await first.stop();
      start();
      await write([candle(1, 'ETHUSDT'), closing(2)]);
      const published = await rounds(2);
      assert.equal(asked.length, 3);
      assert.deepEqual(
        published.flatMap(({ data }) => data.predictions.map((p) => p.inference_output.value)),
        [1, 2, 3],
      );
    });
  });

  it("applies the operator's hooks to inputs and predictions", () => {
    const seen: unknown[] = [];
    const watching = {
      ...model('a', () => ({ value: 0.5 })),
      create: () => ({ feed_update: (input: unknown) => void seen.push(input), predict: () => ({ value: 0.5 }) }),
    };
    return scene(
      [watching],
      async ({ write, rounds, start }) => {
        start();
        await write([candle(0), closing(1)]);
        const [published] = (await rounds(1)).filter(({ data }) => data.predictions.length > 0);
        assert.deepEqual(seen, [{ symbol: 'BTCUSDT', asof_ts: 0, candles_1m: [] }]);
        assert.deepEqual(published?.data.input, seen[0]);
        assert.deepEqual(published?.data.predictions[0]?.inference_output, { value: -0.5 });
      },
      {
        hooks: {
          pre_feed_update_hook: (input) => ({ ...input, asof_ts: 0, candles_1m: [] }),
          post_predict_hook: (predictions) => predictions.map((p) => ({ ...p, inference_output: { value: -0.5 } })),
        },
      },
    );
  });

  it('calls no model when the input hook throws, records why, and continues', () =>
    scene(
      [model('a', () => ({ value: 0.5 }))],
      async ({ write, rounds, start }) => {
        start();
        await write([candle(0), closing(1), candle(1), closing(2)]);
        const result = outcomes(await rounds(2));
        assert.equal(result['a@01'], 'ABSENT pre_feed_update_hook: no such field');
        assert.equal(result['a@02'], 'PENDING SUCCESS');
      },
      {
        hooks: {
          pre_feed_update_hook: (input, time) => {
            if (time === at(1)) throw new Error('no such field');
            return input;
          },
        },
      },
    ));
});
