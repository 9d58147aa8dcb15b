import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EnsembleSignalled, type RoundScored } from '@crunch-node/streams';
import { Type } from '@sinclair/typebox';
import fc from 'fast-check';
import { sha256Hex } from '../merkle/hash.ts';
import { candle, cycleTo, feedOf, minute, predicted } from '../testing/given-events.ts';
import { bytes, specification } from '../testing/specification.ts';
import { type ScoreInput, type ScoreState, scoreReact, scoreStart } from './react.ts';
import { resolveGroundTruth } from './resolve-ground-truth.ts';
import type { ScoreRules } from './rules.ts';

const rules: ScoreRules = {
  output_type: Type.Object({ value: Type.Number({ default: 0 }) }),
  ground_truth_type: null,
  score_type: Type.Object({ value: Type.Number({ default: 0 }), success: Type.Boolean({ default: true }) }),
  scoring_function: ({ value }, { profit }) => ({ value: Number(value) * Number(profit), actual_return: profit ?? 0 }),
  resolve_ground_truth: resolveGroundTruth,
  max_ground_truth_staleness_fraction: 0.2,
};
const given = specification(scoreReact(rules, 0));
const givenWith = (changed: Partial<ScoreRules>) => specification(scoreReact({ ...rules, ...changed }, 0));
const outcomesOf = (rounds: readonly RoundScored['data'][]) =>
  rounds.map(({ outcomes }) =>
    outcomes.map(({ outcome, result, failed_reason }) =>
      outcome === 'scored' ? result?.value : `${outcome}: ${failed_reason}`,
    ),
  );

/** Two candles, the round made of the first and everything up to its horizon. */
const start: readonly ScoreInput[] = [
  candle(1, 100),
  predicted({ at: 1, answers: { a: 0.5 } }),
  candle(2, 101),
  candle(3, 110),
];

describe('score', () => {
  it('measures from the close of the record that triggered the round to the last one of its horizon', () => {
    const { published } = given(scoreStart).when(cycleTo(3, null), start);
    const [round, closing] = published;
    assert.equal(round?.id, 'score:round:0:BTC:1767225660000000');
    assert.equal(round?.at, minute(3));
    assert.deepEqual(round?.type === 'RoundScored' && round.data.ground_truth, {
      symbol: 'BTC',
      asof_ts: Date.parse('2026-01-01T00:03:00Z'),
      entry_price: 100,
      resolved_price: 110,
      profit: 0.1,
      direction_up: true,
    });
    assert.deepEqual(round?.type === 'RoundScored' && round.data.outcomes, [
      {
        score_id: 'SCR_PRE_a_BTC_20260101_000100.000',
        prediction_id: 'PRE_a_BTC_20260101_000100.000',
        model_id: 'a',
        outcome: 'scored',
        result: { value: 0.05, success: true, actual_return: 0.1 },
        success: true,
        failed_reason: null,
        inference_output: { value: 0.5 },
      },
    ]);
    assert.deepEqual(closing?.data, {
      start: null,
      end: minute(3),
      config_hash: 'h',
      partition: 0,
      rounds: 1,
      rounds_hash: sha256Hex('round:0:BTC:1767225660000000'),
    });
  });

  it('closes a cycle in which nothing was due, and waits', () => {
    const first = given(scoreStart).when(cycleTo(2, null), start.slice(0, 3));
    assert.deepEqual(
      first.published.map(({ type }) => type),
      ['CycleClosed'],
    );
    const second = given(first.state).when(cycleTo(3), start.slice(3));
    assert.deepEqual(outcomesOf(second.data('RoundScored')), [[0.05]]);
  });

  it('closes a silent cycle', () =>
    assert.deepEqual(given(scoreStart).when(cycleTo(1, null), []).data('CycleClosed'), [
      { start: null, end: minute(1), config_hash: 'h', partition: 0, rounds: 0, rounds_hash: sha256Hex('') },
    ]));

  it('never takes a late record for ground truth', () => {
    const first = given(scoreStart).when(cycleTo(2, null), [
      candle(1, 100),
      predicted({ at: 1, horizon: 2, answers: { a: 1 } }),
    ]);
    const late = given(first.state).when(cycleTo(3), [candle(2, 105)]);
    assert.match(String(outcomesOf(late.data('RoundScored'))[0]?.[0]), /^expired: no feed record after/);
    const inTime = given(first.state).when(cycleTo(3), [candle(2, 105), candle(3, 110)]);
    assert.deepEqual(inTime.data('RoundScored')[0]?.ground_truth_records, {
      entry: candle(1, 0).id,
      first: candle(3, 0).id,
      last: candle(3, 0).id,
      count: 1,
    });
  });

  it('expires a round whose last record is too far from its horizon, but allows for the spacing of the feed', () => {
    const round = predicted({ at: 1, horizon: 20, answers: { a: 1 } });
    const at = (last: number) =>
      outcomesOf(
        given(scoreStart)
          .when(cycleTo(21, null), [candle(1, 100), round, candle(last, 150)])
          .data('RoundScored'),
      );
    assert.deepEqual(at(17), [[0.5]]);
    assert.match(String(at(16)[0]?.[0]), /^expired: the last feed record is 300 s older/);
    const short = predicted({ at: 1, horizon: 2, answers: { a: 1 } });
    const result = given(scoreStart).when(cycleTo(3, null), [candle(1, 100), short, candle(2, 120)]);
    assert.deepEqual(outcomesOf(result.data('RoundScored')), [[0.2]]);
  });

  it('looks only at the feed of the round', () => {
    const other = [candle(2, 20, 'ETH', { open: 10 }), predicted({ at: 1, subject: 'ETH', answers: { a: 1 } })];
    const result = given(scoreStart).when(cycleTo(3, null), [...start, ...other]);
    assert.deepEqual(outcomesOf(result.data('RoundScored')), [[0.05], [1]]);
  });

  it('uses the input as ground truth when the horizon is 0', () => {
    const round = predicted({ at: 1, horizon: 0, input: { profit: 0.5 }, answers: { a: 1 } });
    assert.deepEqual(outcomesOf(given(scoreStart).when(cycleTo(1, null), [round]).data('RoundScored')), [[0.5]]);
    const bare = predicted({ at: 1, horizon: 0, answers: { a: 1 } });
    const result = given(scoreStart).when(cycleTo(1, null), [bare]);
    assert.match(String(outcomesOf(result.data('RoundScored'))[0]?.[0]), /^expired: the horizon is 0/);
  });

  it('fails the one prediction whose scoring throws, with the reason', () => {
    const moody = givenWith({
      scoring_function: ({ value }) => {
        if (value === 0.5) throw new Error('no mood');
        return { value: value ?? 0 };
      },
    });
    const round = predicted({ at: 1, answers: { a: 0.5, b: 0.25 } });
    const result = moody(scoreStart).when(cycleTo(3, null), [candle(1, 100), round, candle(3, 110)]);
    assert.deepEqual(outcomesOf(result.data('RoundScored')), [['failed: scoring function: no mood', 0.25]]);
  });

  it('fails results that are no numbers, of another shape, or marked as failures', () => {
    const outcome = (result: unknown) => {
      const scorer = givenWith({ scoring_function: () => result as never });
      return outcomesOf(scorer(scoreStart).when(cycleTo(3, null), start).data('RoundScored'))[0]?.[0];
    };
    assert.match(String(outcome({ value: Number.NaN })), /^failed: .*finite/);
    assert.match(String(outcome({ value: 'much' })), /^failed: .*value: expected a number/);
    assert.match(String(outcome(undefined)), /^failed: /);
    assert.match(
      String(outcome({ value: 1, extra: 1n })),
      /^failed: .*extra: expected a JSON value, received a bigint/,
    );
    assert.equal(outcome({ value: 3, success: false, failed_reason: 'nope' }), 'failed: nope');
  });

  it('fails the round whose resolver throws, expires the one it cannot resolve', () => {
    const failing = givenWith({
      resolve_ground_truth: () => {
        throw new Error('no idea');
      },
    });
    assert.deepEqual(outcomesOf(failing(scoreStart).when(cycleTo(3, null), start).data('RoundScored')), [
      ['failed: ground truth: no idea'],
    ]);
    const zero = given(scoreStart).when(cycleTo(3, null), [...start.slice(0, 3), candle(3, 0)]);
    assert.match(String(outcomesOf(zero.data('RoundScored'))[0]?.[0]), /^expired: the records give no ground truth/);
  });

  it('finishes a round without predictions without resolving its ground truth', () => {
    const result = given(scoreStart).when(cycleTo(3, null), [
      ...start,
      predicted({ at: 1, scope: 'B', answers: { a: null } }),
    ]);
    const [empty] = result.data('RoundScored').filter(({ scope_key }) => scope_key === 'B');
    assert.deepEqual([empty?.outcomes, empty?.ground_truth], [[], null]);
  });

  it('leaves rounds without a horizon to the command that resolves them', () => {
    const result = given(scoreStart).when(cycleTo(3, null), [predicted({ at: 1, horizon: null, answers: { a: 1 } })]);
    assert.deepEqual([result.data('RoundScored'), result.state.pending], [[], []]);
  });

  it('scores signals like the predictions of a model', () => {
    const signal = EnsembleSignalled.at(minute(1), {
      name: 'best',
      model_id: '__ensemble_best__',
      prediction_id: 'PRE___ensemble_best___BTC',
      scope_key: 'BTC',
      scope: {},
      feed: feedOf('BTC'),
      performed_at: minute(1),
      resolvable_at: minute(3),
      input_id: 'INP_1',
      value: 2,
      members: [],
      weights_cycle_end: null,
    });
    const result = specification(scoreReact(rules, 'ensemble'))(scoreStart).when(cycleTo(3, null), [
      candle(1, 100),
      signal,
      candle(3, 110),
    ]);
    assert.deepEqual(outcomesOf(result.data('RoundScored')), [[0.2]]);
    assert.equal(result.published[0]?.id, `score:${signal.id}`);
  });

  it('keeps only the feed records that pending rounds can need', () => {
    let state: ScoreState = scoreStart;
    for (let at = 1; at <= 500; at++) {
      const react = scoreReact(rules, 0);
      ({ state } = react(state, cycleTo(at, at === 1 ? null : at - 1), [
        candle(at, at),
        predicted({ at, answers: { a: 1 } }),
      ]));
    }
    assert.deepEqual([state.pending.length, state.feeds['test:BTC:candle:1m']?.records.length], [2, 2]);
    assert.deepEqual(JSON.parse(JSON.stringify(state)), state);
  });

  it('gives the same scores in whatever order everything arrived', () => {
    const cycle = cycleTo(12, null);
    const events: ScoreInput[] = [];
    for (let at = 1; at <= 12; at++) {
      for (const subject of ['BTC', 'ETH', '𐐷', 'ﬀ']) {
        events.push(candle(at, 100 + at, subject), predicted({ at, subject, answers: { a: at, b: -at } }));
      }
    }
    const react = scoreReact(rules, 0);
    const expected = bytes(react(scoreStart, cycle, events).events);
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (arrived) => {
        const { state, events: published } = react(scoreStart, cycle, arrived);
        assert.equal(bytes(published), expected);
        assert.deepEqual(state, react(scoreStart, cycle, events).state);
      }),
      { numRuns: 25 },
    );
  });
});
