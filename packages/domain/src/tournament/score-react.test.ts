import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  GroundTruthProvided,
  type JsonObject,
  type RoundPredicted,
  TournamentRoundRequested,
} from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';
import fc from 'fast-check';
import { resolveGroundTruth } from '../scoring/resolve-ground-truth.ts';
import { tournamentScore } from '../scoring/tournament-score.ts';
import { cycleTo, minute } from '../testing/given-events.ts';
import { bytes, specification } from '../testing/specification.ts';
import { recordSample, samplesOf } from './samples.ts';
import { type TournamentScoreInput, tournamentScoreReact, tournamentScoreStart } from './score-react.ts';

const output_type = Type.Object({ prediction: Type.Number({ default: 0 }) });
const rules = {
  output_type,
  ground_truth_type: null,
  score_type: Type.Object({ value: Type.Number(), success: Type.Boolean() }),
  scoring_function: tournamentScore,
  resolve_ground_truth: resolveGroundTruth,
  max_ground_truth_staleness_fraction: 0,
};
const given = specification(tournamentScoreReact(rules, 2));

const asked = (at: number, tournament: string, samples: number) =>
  TournamentRoundRequested.at(minute(at), {
    tournament,
    features: Array.from({ length: samples }, (_, size) => ({ size })),
  });
/** model id → its prediction for each sample; null: it failed, undefined: it was absent */
function answered(
  request: TournamentRoundRequested,
  answers: Readonly<Record<string, readonly (number | null | undefined)[]>>,
): RoundPredicted[] {
  return samplesOf(request, 2).map((sample, i) =>
    recordSample(
      sample,
      Object.entries(answers).map(([model_id, answers]) =>
        answers[i] === undefined
          ? { kind: 'absent' as const, model_id, reason: 'not connected' }
          : {
              kind: 'answered' as const,
              model_id,
              status: answers[i] === null ? ('FAILED' as const) : ('SUCCESS' as const),
              result: { prediction: answers[i] } as JsonObject,
              error_code: null,
              message: null,
            },
      ),
      output_type,
    ),
  );
}
const truth = (at: number, tournament: string, ...prices: number[]) =>
  GroundTruthProvided.at(minute(at), { tournament, ground_truth: prices.map((price) => ({ price })) });

const houses = asked(1, 'houses', 3);
const rounds = answered(houses, { a: [100, 200, 300], b: [100, null, 300], c: [100, undefined, undefined] });

describe('score in a tournament', () => {
  it('pairs by the index of the sample, so that failed or absent predictions shift nothing', () => {
    const { published: events, data } = given(tournamentScoreStart).when(cycleTo(2), [
      houses,
      ...rounds,
      truth(2, 'houses', 100, 200, 150),
    ]);
    const scored = data('RoundScored');
    assert.deepEqual(
      scored.map(({ sample, ground_truth, outcomes }) => [
        sample,
        ground_truth,
        outcomes.map(({ model_id, result }) => [model_id, result?.value]),
      ]),
      [
        [
          0,
          { price: 100 },
          [
            ['a', 1],
            ['b', 1],
            ['c', 1],
          ],
        ],
        [1, { price: 200 }, [['a', 1]]],
        [
          2,
          { price: 150 },
          [
            ['a', 0],
            ['b', 0],
          ],
        ],
      ],
    );
    assert.deepEqual(new Set(scored.map(({ resolvable_at }) => resolvable_at)), new Set([minute(2)]));
    assert.equal(events.at(-1)?.type, 'CycleClosed');
  });

  it('waits for the ground truth, however long that takes', () => {
    const waiting = given(tournamentScoreStart).when(cycleTo(2), [houses, ...rounds]);
    assert.deepEqual(waiting.data('RoundScored'), []);
    const silent = given(waiting.state).when(cycleTo(500), []);
    assert.equal(silent.published.length, 1);
    const later = given(silent.state).when(cycleTo(501), [truth(501, 'houses', 1, 2, 3)]);
    assert.equal(later.data('RoundScored').length, 3);
    assert.equal(later.state.pending.size, 0);
  });

  it('lets samples without ground truth expire, and other rounds wait', () => {
    const other = asked(1, 'other', 1);
    const { data, state } = given(tournamentScoreStart).when(cycleTo(2), [
      ...rounds,
      ...answered(other, { a: [1] }),
      truth(2, 'houses', 100),
    ]);
    const outcomes = data('RoundScored').flatMap((scored) => scored.outcomes);
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      ['scored', 'scored', 'scored', 'expired', 'expired', 'expired'],
    );
    assert.match(outcomes.at(-1)?.failed_reason ?? '', /sample 2: 1 were provided/);
    assert.deepEqual([...state.pending.keys()], ['other']);
  });

  it('gives the same scores in whatever order its inputs arrived', () => {
    const events: TournamentScoreInput[] = [houses, ...rounds, truth(2, 'houses', 100, 200, 150)];
    const expected = bytes(given(tournamentScoreStart).when(cycleTo(2), events).published);
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (arrived) =>
        assert.equal(bytes(given(tournamentScoreStart).when(cycleTo(2), arrived).published), expected),
      ),
    );
  });

  it('gives samples of one round different ids on one subject', () => {
    const ids = rounds.map(({ id }) => id);
    assert.equal(new Set(ids).size, 3);
    assert.deepEqual(rounds[1]?.data.scope, { round_id: 'houses', feature_index: 1, features: { size: 1 } });
    assert.deepEqual([rounds[1]?.data.scope_key, rounds[1]?.data.resolvable_at], ['houses:1', null]);
  });
});
