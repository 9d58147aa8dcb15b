import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Sample, sampleLog } from '@crunch-node/projections/testing';
import { predictions, type RoundPredicted, type RoundScored, scores } from '@crunch-node/streams';
import { openScene, type Scene } from '../testing/scene.ts';

/** The log with every answer of model 10 refused, for a number that is another one each time. */
function withRefusals(log: readonly Sample[]): Sample[] {
  let times = 0;
  return log.map((sample) => {
    if (sample.stream !== predictions || sample.event.type !== 'RoundPredicted') return sample;
    const event = sample.event as RoundPredicted;
    const refused = event.data.predictions.map((prediction) =>
      prediction.model_id === '10'
        ? {
            ...prediction,
            status: 'FAILED' as const,
            reason: `60[${times++ % 3}].scale: expected a number above 0, received -${times}.5e-3`,
          }
        : prediction,
    );
    return { ...sample, event: { ...event, data: { ...event.data, predictions: refused } } };
  });
}

/** The log with every score of model 2 failed by the scoring function. */
const withFailedScores = (log: readonly Sample[]): Sample[] =>
  log.map((sample) => {
    if (sample.stream !== scores || sample.event.type !== 'RoundScored') return sample;
    const event = sample.event as RoundScored;
    const outcomes = event.data.outcomes.map((outcome) =>
      outcome.model_id === '2'
        ? { ...outcome, outcome: 'failed' as const, success: false, failed_reason: 'probabilities sum to 1.5, not 1' }
        : outcome,
    );
    return { ...sample, event: { ...event, data: { ...event.data, outcomes } } };
  });

describe('failures over HTTP', () => {
  let scene: Scene;
  before(async () => {
    scene = await openScene(withFailedScores(withRefusals(sampleLog(6))), { now: '2026-11-21T19:06:00.000000Z' });
  });
  after(() => scene?.close());

  it('are counted together where their reasons differ in numbers alone', async () => {
    const rows = await scene.get('/reports/failures');
    assert.deepEqual(
      rows.filter(({ example }: { example: string }) => example === '10'),
      [
        {
          what: 'answer',
          reason: '60[0].scale: expected a number above 0, received -1.5e-3',
          times: 6,
          models: 1,
          example: '10',
          example_name: 'model-10',
        },
      ],
    );
  });

  it('name scores that the scoring function failed', async () => {
    const rows = await scene.get('/reports/failures');
    const [failed] = rows.filter(({ example }: { example: string }) => example === '2');
    assert.deepEqual([failed?.what, failed?.reason], ['score', 'probabilities sum to 1.5, not 1']);
    assert.ok(failed.times > 0);
  });
});
