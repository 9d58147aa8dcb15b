import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type AnswerRules, densitiesOf, expectedMove, stepReader } from './density-answer.ts';
import { movesOver } from './moves.ts';
import { intervalScore, type StepScoring, scoreIntervals, scoreSteps } from './step-score.ts';
import { type GoldenRound, golden, near } from './testing/golden.ts';

const HALF_WIDTHS: Readonly<Record<string, number>> = { BTC: 1500, SOL: 4, ETH: 80 };
const rulesFor = (steps: readonly number[]): AnswerRules => ({
  steps,
  max_components: 3,
  max_depth: 3,
  quantiles: false,
  digits: 6,
});

function scored({ asset, horizon, steps, start, entry, prices, answer }: GoldenRound, scoring: StepScoring) {
  const known = [entry, ...prices].map(([time, price]) => ({ time, price }));
  const moves = Object.fromEntries(steps.map((step) => [step, movesOver(known, start, horizon, step)]));
  const rules = rulesFor(steps);
  return scoreSteps(stepReader(densitiesOf(answer, horizon, rules), rules), moves, HALF_WIDTHS[asset]!, scoring);
}

describe('a round of densities', () => {
  it('has the score that the evaluator of crunch-synth gives it, gaps of prices included', () => {
    for (const round of golden.rounds.synth) {
      const { crps } = scored(round, { base_step: 300, points: 1024, normalised: true });
      near(crps, round.score, 1e-11, `${round.asset} ${round.horizon}`);
    }
  });

  it('has the score that the evaluator of condorgame gives it', () => {
    for (const round of golden.rounds.condor) {
      const { crps } = scored(round, { base_step: 300, points: 256, normalised: false });
      near(crps, round.score, 1e-11, round.asset);
    }
  });
});

describe('the moves of a price', () => {
  const prices = [0, 10, 21, 30, 30, 60].map((time, i) => ({ time, price: i }));

  it('end at the nearest price, at the earlier of two, at the last of one time', () =>
    assert.deepEqual(movesOver(prices, 0, 60, 10), [1, 1, 2, null, 1, null]));

  it('are none where no price is known', () => assert.deepEqual(movesOver([], 0, 20, 10), [null, null]));
});

describe('the forms of a prediction', () => {
  const density = { type: 'builtin', name: 'norm', params: { loc: 0.1234567, scale: 2 }, note: 'dropped' };
  const plain = { type: 'builtin', name: 'norm', params: { loc: 0.123457, scale: 2 } };
  const one = rulesFor([60]);

  it('give the same densities', () => {
    const expected = { 60: [plain, plain] };
    const list = [density, { step: 120, prediction: density }];
    assert.deepEqual(densitiesOf({ 60: list }, 120, one), expected);
    assert.deepEqual(densitiesOf({ result: list }, 120, one), expected);
    assert.deepEqual(densitiesOf({ densities: { 60: list }, value: 9 }, 120, one), expected);
    assert.deepEqual(densitiesOf(density, 60, one), { 60: [plain] });
    assert.equal(expectedMove(expected, one), 0.246914);
  });

  it('are refused with what is missing, superfluous or wrong', () => {
    const two = rulesFor([60, 120, 900]);
    const cases: readonly (readonly [Record<string, unknown>, string])[] = [
      [{ 60: [density, density] }, '120: expected a list of 1 densities, received nothing'],
      [{ 60: [density], 120: [density] }, '60: expected 2 densities, received 1'],
      [{ 60: { density }, 120: [density] }, '60: expected a list of 2 densities, received an object with density'],
      [{ 60: [density, 7], 120: [density] }, '60[1]: expected a density, an object with a type, received 7'],
      [{ result: [density] }, '60: expected a list of 2 densities, received nothing'],
    ];
    for (const [answer, message] of cases) assert.throws(() => densitiesOf(answer, 120, two), { message });
  });
});

describe('direction and interval of a step', () => {
  const rules = rulesFor([60]);
  const normal = (loc: number) => ({ type: 'builtin', name: 'norm', params: { loc, scale: 1 } });

  it('count moves in the direction of most of the mass, and moves within the central 80 %', () => {
    const densities = { 60: [normal(1), normal(-1), normal(1), normal(0.5), normal(1)] };
    const scores = scoreIntervals(stepReader(densities, rules), { 60: [2, 1, 9, 0, null] }, 2);
    assert.equal(scores.direction, 2 / 3);
    assert.equal(scores.covered, 2 / 4);
    const width = 2 * 1.2815515655446004;
    const outside = 10 * (1 - (-1 + width / 2) + 9 - (1 + width / 2));
    near(scores.interval_score, (width + outside / 4) / 2, 1e-9, 'interval score');
  });

  it('are proper: the true interval is best on average', () => {
    const truths = Array.from({ length: 999 }, (_, i) => (i + 1) / 1000);
    const mean = (lower: number, upper: number) =>
      truths.reduce((sum, truth) => sum + intervalScore(truth, lower, upper, 0.2), 0) / truths.length;
    for (const [lower, upper] of [
      [0.05, 0.95],
      [0.2, 0.8],
      [0.1, 0.8],
      [0.3, 0.9],
    ] as const)
      assert.ok(mean(lower, upper) > mean(0.1, 0.9), `${lower} ${upper}`);
  });
});
