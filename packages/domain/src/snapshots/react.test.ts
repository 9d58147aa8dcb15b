import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RoundScored, SnapshotsCycleClosed } from '@crunch-node/streams';
import fc from 'fast-check';
import { hashPair } from '../merkle/hash.ts';
import { cycleTo, minute, scored } from '../testing/given-events.ts';
import { bytes, specification } from '../testing/specification.ts';
import { aggregateSnapshot } from './aggregate.ts';
import { adoptSnapshots, type SnapshotRules, snapshotReact, snapshotStart } from './react.ts';

const rules: SnapshotRules = {
  aggregate_snapshot: aggregateSnapshot,
  aggregation: {
    windows: [
      { name: 'hour', hours: 1 },
      { name: 'day', hours: 24 },
    ],
    value_field: 'value',
    ranking_key: 'hour',
    ranking_direction: 'desc',
  },
  metrics: ['hit_rate', 'ic'],
  metrics_every: 1,
  cycle_seconds: 60,
};
const react = snapshotReact(rules);
const given = specification(react);
const plain = specification(snapshotReact({ ...rules, metrics: [] }));

const summaries = (published: readonly { model_id: string; result_summary: unknown }[]) =>
  published.map(({ model_id, result_summary }) => [model_id, result_summary]);

describe('snapshot', () => {
  it('averages what a model scored in the cycle, over all partitions', () => {
    const result = plain(snapshotStart).when(cycleTo(4, null), [
      scored({ at: 1, results: { b: { value: 0.25 } } }),
      scored({ at: 2, results: { b: { value: 0.75 } } }),
      scored({ at: 2, partition: 1, results: { a: { value: 3 } } }),
    ]);
    const [a, b] = result.data('SnapshotTaken');
    assert.deepEqual(summaries([a!, b!]), [
      ['a', { value: 3 }],
      ['b', { value: 0.5 }],
    ]);
    assert.deepEqual(
      [b?.period_start, b?.period_end, b?.prediction_count, b?.snapshot_id],
      [minute(1), minute(2), 2, 'SNAP_b_20260101_000400'],
    );
  });

  it('closes a silent cycle and keeps the head of the chain', () => {
    const first = plain(snapshotStart).when(cycleTo(4, null), [scored({ at: 1, results: { a: { value: 1 } } })]);
    const [closing] = first.data('CycleClosed');
    const silent = plain(first.state).when(cycleTo(5), []);
    assert.deepEqual(silent.data('CycleClosed'), [
      { start: minute(4), end: minute(5), config_hash: 'h', merkle: null, chain: closing?.chain },
    ]);
  });

  it('chains the cycles that have snapshots', () => {
    const first = plain(snapshotStart).when(cycleTo(4, null), [scored({ at: 1, results: { a: { value: 1 } } })]);
    const second = plain(first.state).when(cycleTo(5), [scored({ at: 2, results: { a: { value: 2 } } })]);
    const [one, two] = [first.data('CycleClosed')[0]?.merkle, second.data('CycleClosed')[0]?.merkle];
    assert.equal(one?.chained_root, one?.snapshots_root);
    assert.equal(one?.snapshots_root, first.data('SnapshotTaken')[0]?.content_hash);
    assert.deepEqual(two, {
      cycle_id: 'CYC_20260101_000500_000000',
      previous_cycle_id: one?.cycle_id,
      previous_cycle_root: one?.chained_root,
      snapshots_root: second.data('SnapshotTaken')[0]?.content_hash,
      chained_root: hashPair(one!.chained_root, two!.snapshots_root),
      snapshot_count: 1,
    });
  });

  it('continues the chain that was recorded', () => {
    const closing = { data: { chain: { cycle_id: 'CYC_x', chained_root: 'ab' } } } as SnapshotsCycleClosed;
    const result = plain(adoptSnapshots(snapshotStart, closing)).when(cycleTo(4), [
      scored({ at: 1, results: { a: { value: 1 } } }),
    ]);
    assert.equal(result.data('CycleClosed')[0]?.merkle?.previous_cycle_root, 'ab');
  });

  it('counts failures and keeps them out of the means; what expired makes no snapshot', () => {
    const result = plain(snapshotStart).when(cycleTo(6, null), [
      scored({ at: 1, results: { a: { value: 4, success: true }, b: null, c: 'threw' } }),
      scored({ at: 2, results: { a: 'threw', b: null } }),
    ]);
    assert.deepEqual(summaries(result.data('SnapshotTaken')), [
      ['a', { value: 4, success: 0.5 }],
      ['c', { success: 0 }],
    ]);
    assert.deepEqual(
      result.data('SnapshotTaken').map(({ prediction_count, failed_count }) => [prediction_count, failed_count]),
      [
        [2, 1],
        [1, 1],
      ],
    );
  });

  it('computes metrics over the ranking window, not over the cycle', () => {
    let state = snapshotStart;
    const metrics: unknown[] = [];
    for (const at of [1, 2, 3, 62]) {
      const results = { a: { value: 1, actual_return: at === 2 ? -1 : at } };
      const next = given(state).when(cycleTo(at + 2), [scored({ at, results, outputs: { a: at } })]);
      state = next.state;
      const [snapshot] = next.data('SnapshotTaken');
      metrics.push([snapshot?.result_summary.hit_rate, snapshot?.result_summary.ic, snapshot?.unavailable]);
    }
    assert.deepEqual(metrics, [
      [1, undefined, { ic: 'fewer than 2 predictions with an outcome' }],
      [0.5, -1, {}],
      [2 / 3, 0.5, {}],
      [1, undefined, { ic: 'fewer than 2 predictions with an outcome' }],
    ]);
  });

  it('carries metrics forward between computations', () => {
    const every3 = specification(snapshotReact({ ...rules, metrics: ['hit_rate'], metrics_every: 3 }));
    let state = snapshotStart;
    const rates = [1, 2, 3, 4].map((at) => {
      const results = { a: { value: 1, actual_return: at === 1 ? 1 : -1 } };
      const next = every3(state).when(cycleTo(at + 2), [scored({ at, results, outputs: { a: 1 } })]);
      state = next.state;
      return next.data('SnapshotTaken')[0]?.result_summary.hit_rate;
    });
    assert.deepEqual(rates, [1, 1, 1, 0.25]);
  });

  it('names the metrics it cannot compute', () => {
    const odd = specification(
      snapshotReact({
        ...rules,
        metrics: ['beauty'],
        aggregate_snapshot: () => ({ value: Number.NaN, kept: 1 }),
      }),
    );
    const [snapshot] = odd(snapshotStart)
      .when(cycleTo(4), [scored({ at: 1, results: { a: { value: 1 } } })])
      .data('SnapshotTaken');
    assert.deepEqual(snapshot?.result_summary, { kept: 1 });
    assert.deepEqual(Object.keys(snapshot?.unavailable ?? {}), ['value', 'beauty']);
  });

  it('is the same in whatever order the partitions arrived', () => {
    const rounds: RoundScored[] = [];
    for (let at = 1; at <= 5; at++) {
      for (const [partition, model] of ['10', '9x', 'b', '__proto__', '𐐷', 'ﬀ'].entries()) {
        const results = Object.fromEntries([
          [model, { value: 0.1 * at + partition, actual_return: Math.sin(at * 7 + partition) }],
        ]);
        rounds.push(
          scored({ at, partition, results, outputs: Object.fromEntries([[model, Math.cos(at + partition)]]) }),
        );
      }
    }
    const expected = react(snapshotStart, cycleTo(7, null), rounds);
    assert.equal(expected.events.length, 7);
    fc.assert(
      fc.property(fc.shuffledSubarray(rounds, { minLength: rounds.length }), (arrived) => {
        const result = react(snapshotStart, cycleTo(7, null), arrived);
        assert.equal(bytes(result.events), bytes(expected.events));
        assert.deepEqual(result.state, expected.state);
      }),
      { numRuns: 25 },
    );
  });
});

describe('snapshot with ensembles', () => {
  const ensembles = ['second', 'first'].map((name) => ({
    name,
    strategy: 'equal_weight' as const,
    filter: null,
    output_field: 'value',
    enabled: true,
  }));
  const metrics = ['contribution', 'ensemble_correlation'];
  const withEnsembles = specification(snapshotReact({ ...rules, metrics, ensembles }));
  const virtual = (at: number, name: string, value: number) =>
    scored({
      at,
      partition: 7,
      results: { [`__ensemble_${name}__`]: { value: 1, actual_return: at } },
      outputs: { [`__ensemble_${name}__`]: value },
    });
  const rounds = [1, 2, 3].flatMap((at) => [
    scored({
      at,
      results: { a: { value: 1, actual_return: at }, b: { value: 1, actual_return: at } },
      outputs: { a: at, b: -at },
    }),
    virtual(at, 'first', at),
    virtual(at, 'second', -at),
  ]);

  it('compares models with the signals of ensembles in the same rounds, the first of the configuration first', () => {
    const result = withEnsembles(snapshotStart).when(cycleTo(5, null), rounds).data('SnapshotTaken');
    const [, , a, b] = result;
    assert.deepEqual(
      result.map(({ model_id }) => model_id),
      ['__ensemble_first__', '__ensemble_second__', 'a', 'b'],
    );
    assert.deepEqual([a?.result_summary.ensemble_correlation, b?.result_summary.ensemble_correlation], [-1, 1]);
    assert.deepEqual([a?.result_summary.contribution, b?.result_summary.contribution], [0, -2]);
  });

  it('holds the moments of predictions, for real models and outside of the hash', () => {
    const result = withEnsembles(snapshotStart).when(cycleTo(5, null), rounds).data('SnapshotTaken');
    assert.deepEqual(
      result.map(({ predictions }) => predictions),
      [undefined, undefined, { value: { count: 3, mean: 2, m2: 2 } }, { value: { count: 3, mean: -2, m2: 2 } }],
    );
    const without = given(snapshotStart).when(cycleTo(5, null), rounds).data('SnapshotTaken');
    assert.ok(without.every(({ predictions }) => predictions === undefined));
  });
});
