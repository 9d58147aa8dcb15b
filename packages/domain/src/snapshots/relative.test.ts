import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome, RoundScored } from '@crunch-node/streams';
import type { RelativeScore } from '../leaderboards/aggregation.ts';
import { percentile, withRelative } from './relative.ts';

const relative: RelativeScore = { of: 'crps', name: 'relative_score', better: 'asc', worst_percentile: 95 };

const outcome = (model_id: string, crps: number | null): Outcome => ({
  score_id: `SCR_${model_id}`,
  prediction_id: model_id,
  model_id,
  outcome: crps === null ? 'failed' : 'scored',
  result: crps === null ? null : { crps },
  success: crps !== null,
  failed_reason: null,
  inference_output: {},
});

const round = (performed_at: string, crps: Readonly<Record<string, number | null>>) =>
  ({
    data: { performed_at, scope_key: 'btc', outcomes: Object.entries(crps).map(([id, one]) => outcome(id, one)) },
  }) as unknown as RoundScored;

const scoresOf = (rounds: readonly RoundScored[], rule = relative) =>
  withRelative(rounds, rule).map(({ data }) => data.outcomes.map(({ result }) => result?.relative_score));

describe('the score among those of a round', () => {
  it('is 1 for the best and 0 from the 95th percentile on, over all partitions of the round', () => {
    const worst = percentile([1, 2, 3, 5], 95);
    assert.ok(Math.abs(worst - 4.7) < 1e-12);
    assert.deepEqual(scoresOf([round('t', { a: 1, b: 3 }), round('t', { c: 2, d: 5 })]), [
      [1, (worst - 3) / (worst - 1)],
      [(worst - 2) / (worst - 1), 0],
    ]);
  });

  it('leaves out failures, is unaffected by ensembles, and keeps ensembles between 0 and 1', () =>
    assert.deepEqual(
      scoresOf([round('t', { a: 1, b: null, c: 2 }), round('t', { __ensemble_x__: 0.1, __ensemble_y__: 9 })]),
      [
        [1, undefined, 0],
        [1, 0],
      ],
    ));

  it('is 1 for equal scores and for a single one, in either direction', () => {
    assert.deepEqual(scoresOf([round('t', { a: 2, b: 2 }), round('u', { a: 7 })]), [[1, 1], [1]]);
    assert.deepEqual(scoresOf([round('t', { a: 1, b: 3 })], { ...relative, better: 'desc', worst_percentile: 100 }), [
      [0, 1],
    ]);
  });

  it('leaves rounds as they are where it is not configured or the number is missing', () => {
    const rounds = [round('t', { a: 1 })];
    assert.equal(withRelative(rounds, undefined), rounds);
    assert.deepEqual(scoresOf(rounds, { ...relative, of: 'wis' }), [[undefined]]);
  });
});
