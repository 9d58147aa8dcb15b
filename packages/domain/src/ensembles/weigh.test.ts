import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  EnsembleWeighted,
  type LeaderboardEvent,
  LeaderboardsCycleClosed,
  type SnapshotTaken,
} from '@crunch-node/streams';
import fc from 'fast-check';
import type { Aggregation } from '../leaderboards/aggregation.ts';
import { adoptLeaderboards, rankReact, rankStart } from '../leaderboards/react.ts';
import { cycleTo, hour, minute, taken } from '../testing/given-events.ts';
import { bytes, specification } from '../testing/specification.ts';
import type { EnsembleConfig } from './ensemble-config.ts';
import {
  addMoments,
  forgetMoments,
  type MomentHistory,
  mergedMoments,
  momentsOf,
  momentsOfAnswer,
  populationVariance,
} from './moments.ts';
import { inverseVariance } from './strategies.ts';
import { weigh } from './weigh.ts';
import {
  areWeightsKnown,
  emptyWeightBook,
  forgetWeights,
  noteWeights,
  type WeightBook,
  weightsInForce,
} from './weights-in-force.ts';

const byValue = { ranking_key: 'value', ranking_direction: 'desc' } as const;
const aggregation: Aggregation = { windows: [{ name: 'hour', hours: 1 }], value_field: 'value', ...byValue };
const ensemble = (given: Partial<EnsembleConfig> = {}): EnsembleConfig => ({
  name: 'main',
  strategy: 'inverse_variance',
  filter: null,
  output_field: 'value',
  enabled: true,
  ...given,
});
const member = (model_id: string, values: readonly number[], metrics: Record<string, number> = {}) => ({
  model_id,
  metrics,
  predictions: momentsOf(values),
});
/** A snapshot with the moments of the model's predictions in its cycle. */
const snapshotOf = (model: string, cycle: number, values: readonly number[], value = 1): SnapshotTaken => {
  const snapshot = taken({ model, cycle, summary: { value } });
  return { ...snapshot, data: { ...snapshot.data, predictions: { value: momentsOf(values)! } } };
};
const numbers = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), { minLength: 1, maxLength: 30 });

describe('weights of an ensemble', () => {
  it('are the same from moments as from the values themselves', () =>
    fc.assert(
      fc.property(fc.array(numbers, { minLength: 1, maxLength: 10 }), (cycles) => {
        let history: MomentHistory = [];
        for (const [i, values] of cycles.entries())
          history = addMoments(history, minute(i * 7), momentsOf(values)!, 24);
        const merged = populationVariance(mergedMoments(history)!);
        const whole = populationVariance(momentsOf(cycles.flat())!);
        assert.ok(Math.abs(merged - whole) <= 1e-9 * (1 + whole));
      }),
    ));

  it('use the variance of all fields of a prediction together', () => {
    const [a, b] = [momentsOf([1, 3])!, momentsOf([10, 10, 40])!];
    assert.deepEqual(momentsOfAnswer([a]), a);
    assert.deepEqual(momentsOfAnswer([a, b]), { count: 2, mean: 11, m2: 602 });
    assert.equal(momentsOfAnswer([a, null]), null);
    assert.equal(momentsOfAnswer([]), null);
    assert.equal(momentsOfAnswer([a, { ...b, m2: Number.MAX_VALUE }, { ...b, m2: Number.MAX_VALUE }]), null);
  });

  it('forget what is older than the window, to a 24th of it', () => {
    let history: MomentHistory = [];
    for (let i = 0; i < 48; i++) history = addMoments(history, hour(i), momentsOf([i])!, 24);
    assert.equal(mergedMoments(forgetMoments(history, hour(24), 24))?.count, 24);
    assert.ok(forgetMoments(history, hour(24), 24).length <= 25);
  });

  it('leave out a model that gets none, and sum to 1', () => {
    const strategy = () => [
      { model_id: 'a', weight: 3 },
      { model_id: 'b', weight: 0 },
      { model_id: 'c', weight: 1 },
      { model_id: 'stranger', weight: 7 },
    ];
    assert.deepEqual(weigh({ strategy, filter: null }, [member('c', []), member('b', []), member('a', [])], byValue), {
      weights: { a: 0.75, c: 0.25 },
    });
  });

  it('are empty, with the reason, when the code of an operator fails', () => {
    for (const [strategy, reason] of [
      [() => assert.fail('broken'), /broken/],
      [() => [{ model_id: 'a', weight: -1 }], /at least 0 for a, received -1/],
      [() => [{ model_id: 'a', weight: Number.NaN }], /received NaN/],
    ] as const) {
      const { weights, unavailable } = weigh({ strategy, filter: null }, [member('a', [1])], byValue);
      assert.deepEqual(weights, {});
      assert.match(unavailable ?? '', reason);
    }
  });

  it('are published when they differ from the last published ones', () => {
    const given = specification(rankReact({ aggregation, ensembles: [ensemble({ strategy: 'equal_weight' })] }));
    const first = given(rankStart).when(cycleTo(1, null), [snapshotOf('a', 1, [1]), snapshotOf('b', 1, [2])]);
    assert.deepEqual(first.data('EnsembleWeighted'), [
      { name: 'main', cycle_end: minute(1), weights: { a: 0.5, b: 0.5 } },
    ]);
    const second = given(first.state).when(cycleTo(2), [snapshotOf('a', 2, [3])]);
    assert.deepEqual(second.data('EnsembleWeighted'), []);
    const third = given(second.state).when(cycleTo(3), [snapshotOf('c', 3, [3])]);
    assert.deepEqual(Object.keys(third.data('EnsembleWeighted')[0]?.weights ?? {}), ['a', 'b', 'c']);
    const closing = third.published.at(-1) as LeaderboardsCycleClosed;
    assert.equal(
      given(adoptLeaderboards(rankStart, closing))
        .when(cycleTo(4), [snapshotOf('c', 4, [3])])
        .data('EnsembleWeighted').length,
      1,
    );
    assert.deepEqual(adoptLeaderboards(rankStart, closing).weights_hashes, third.state.weights_hashes);
    assert.deepEqual(given(rankStart).when(cycleTo(1, null), []).data('EnsembleWeighted'), []);
  });

  it('include the best by the ranking, among models with predictions in its window', () => {
    const rules = {
      aggregation,
      ensembles: [ensemble({ filter: { top_n: 2 } }), ensemble({ name: 'off', enabled: false })],
    };
    const given = specification(rankReact(rules));
    const first = given(rankStart).when(cycleTo(1, null), [
      snapshotOf('gone', 1, [1, 2], 9),
      snapshotOf('a', 1, [1, 2], 1),
    ]);
    assert.deepEqual(Object.keys(first.data('EnsembleWeighted')[0]?.weights ?? {}), ['a', 'gone']);
    const later = given(first.state).when(cycleTo(180), [
      snapshotOf('b', 180, [1, 3], 3),
      snapshotOf('c', 180, [1, 5], 2),
      snapshotOf('d', 180, [1, 9], 1),
      taken({ model: '__ensemble_main__', cycle: 180, summary: { value: 99 } }),
    ]);
    assert.deepEqual(later.data('EnsembleWeighted'), [
      { name: 'main', cycle_end: minute(180), weights: { b: 0.8, c: 0.2 } },
    ]);
  });

  it('are the same in whatever order snapshots arrived', () => {
    const react = rankReact({ aggregation, ensembles: [ensemble(), ensemble({ name: 'top', filter: { top_n: 3 } })] });
    const snapshots = ['10', '9x', 'b', '__proto__', '𐐷', 'ﬀ'].map((model, i) =>
      snapshotOf(model, 10, [i, i / 3, 1], i % 3),
    );
    const expected = react(rankStart, cycleTo(10), snapshots);
    assert.equal(expected.events.filter(({ type }) => type === 'EnsembleWeighted').length, 2);
    fc.assert(
      fc.property(fc.shuffledSubarray(snapshots, { minLength: snapshots.length }), (arrived) => {
        assert.equal(bytes(react(rankStart, cycleTo(10), arrived).events), bytes(expected.events));
      }),
      { numRuns: 25 },
    );
  });

  it('do not depend on the order of members', () => {
    const members = fc.array(numbers, { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(members, (given) => {
        const all = given.map((values, i) => member(`m${i}`, values));
        const weights = (some: typeof all) =>
          inverseVariance(some)
            .toSorted((a, b) => (a.model_id < b.model_id ? -1 : 1))
            .map(({ weight }) => weight);
        for (const [i, weight] of weights(all).entries())
          assert.ok(Math.abs(weight - weights(all.toReversed())[i]!) < 1e-9);
      }),
    );
  });
});

describe('weights in force', () => {
  const weighted = (end: number) =>
    EnsembleWeighted.at(minute(end), { name: 'main', cycle_end: minute(end), weights: { a: 1 } });
  const closing = (end: number) =>
    LeaderboardsCycleClosed.at(minute(end), { ...cycleTo(end, end === 1 ? null : end - 1), entries_hash: null });
  const note = (...events: readonly LeaderboardEvent[]) => events.reduce(noteWeights, emptyWeightBook);

  it('are the newest decided by the end of a cycle, once rank has closed it', () => {
    const book = note(closing(1), weighted(2), closing(2), weighted(3), closing(3));
    assert.deepEqual(
      [1, 2, 3].map((end) => weightsInForce(book, 'main', minute(end))?.cycle_end),
      [undefined, minute(2), minute(3)],
    );
    assert.deepEqual(
      [null, minute(3), minute(4)].map((end) => areWeightsKnown(book, end)),
      [true, true, false],
    );
    assert.equal(weightsInForce(book, 'main', null), null);
    assert.equal(weightsInForce(book, 'toString', minute(3)), null);
  });

  it('forget weights that no open round can need, whether published before or after', () => {
    const events = (from: number) =>
      Array.from({ length: 50 }, (_, i) => [weighted(from + i), closing(from + i)]).flat();
    const kept = (book: WeightBook) => book.weighted.main?.map(({ cycle_end }) => cycle_end);
    const before = forgetWeights(note(...events(1)), cycleTo(50));
    assert.deepEqual(kept(before), [minute(49), minute(50)]);
    const after = events(1).reduce(noteWeights, forgetWeights(emptyWeightBook, cycleTo(50)));
    assert.deepEqual(kept(after), [minute(49), minute(50)]);
    assert.equal(weightsInForce(after, 'main', minute(49))?.cycle_end, minute(49));
  });
});
