import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Prediction, RoundPredicted } from '@crunch-node/streams';
import { afterHook } from './post-predict.ts';

const prediction = (model_id: string, value: number): Prediction => ({
  prediction_id: `PRE_${model_id}`,
  model_id,
  status: 'PENDING',
  runner_status: 'SUCCESS',
  reason: null,
  inference_output: { value },
});
const at = '2024-01-01T00:01:00.000000Z';
const round = RoundPredicted.at(at, {
  round_id: 'round:0:btc:1',
  partition: 0,
  scope_key: 'btc',
  performed_at: at,
  config_id: null,
  scope: {},
  feed: null,
  resolvable_at: at,
  input_id: 'INP_1',
  window: null,
  predictions: [prediction('a', 0.5), prediction('b', 3)],
});

describe('the post-predict hook', () => {
  it('may change, drop and add predictions', () => {
    const changed = afterHook(round, (predictions, { scope_key }) => [
      { ...predictions[1]!, inference_output: { value: 1, clipped_in: scope_key } },
      prediction('aa', 0),
    ]);
    assert.deepEqual(
      changed.data.predictions.map(({ model_id, inference_output }) => [model_id, inference_output.value]),
      [
        ['aa', 0],
        ['b', 1],
      ],
    );
    assert.equal(changed.id, round.id);
  });

  it('fails pending predictions when it throws or returns an invalid result', () => {
    const hooks = [
      () => {
        throw new Error('boom');
      },
      () => [{ model_id: 'a' }] as unknown as Prediction[],
      () => [prediction('a', 1), prediction('a', 2)],
      () => undefined as unknown as Prediction[],
    ];
    for (const hook of hooks) {
      const { predictions } = afterHook(round, hook).data;
      assert.deepEqual(
        predictions.map(({ status }) => status),
        ['FAILED', 'FAILED'],
      );
      assert.match(predictions[0]?.reason ?? '', /^post_predict_hook: ./);
    }
  });

  it('leaves the round unchanged when it is not configured', () => assert.equal(afterHook(round, null), round));
});
