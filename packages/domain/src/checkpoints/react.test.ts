import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CheckpointsCycleClosed, SnapshotTaken } from '@crunch-node/streams';
import fc from 'fast-check';
import { tierEmission } from '../emission/tiers.ts';
import { hashPair } from '../merkle/hash.ts';
import { cycleTo, minute, taken } from '../testing/given-events.ts';
import { bytes, specification } from '../testing/specification.ts';
import { adoptCheckpoints, type CheckpointRules, checkpointReact, checkpointStart } from './react.ts';

const rules: CheckpointRules = {
  aggregation: {
    windows: [{ name: 'score_recent', hours: 24 }],
    value_field: 'value',
    ranking_key: 'score_recent',
    ranking_direction: 'desc',
  },
  build_emission: tierEmission,
  checkpoint_interval_seconds: 3_600,
  crunch_pubkey: 'pk',
  compute_provider: 'cp',
  data_provider: null,
  kind: 'realtime',
};
const react = checkpointReact(rules);
const given = specification(react);

/** Two cycles before the hour, the second with one model more. */
function beforeTheHour() {
  const first = given(checkpointStart).when(cycleTo(10, null), [
    taken({ model: 'a', cycle: 10, summary: { value: 1 }, count: 3 }),
    taken({ model: '__ensemble_x__', cycle: 10, summary: { value: 99 } }),
  ]);
  return given(first.state).when(cycleTo(59, 10), [
    taken({ model: 'b', cycle: 59, summary: { value: 2 }, count: 2 }),
    taken({ model: 'a', cycle: 59, summary: { value: 5 }, count: 1 }),
  ]);
}

describe('checkpoint', () => {
  it('pays no model whose sum cannot be computed, and records what it pays by', () => {
    const huge = given(checkpointStart).when(cycleTo(60, null), [
      taken({ model: 'a', cycle: 60, summary: { value: 1.7e308 }, count: 3 }),
      taken({ model: 'b', cycle: 60, summary: { value: 1 } }),
      taken({ model: 'c', cycle: 60, summary: { value: -2 } }),
    ]);
    const [created] = huge.data('CheckpointCreated');
    assert.deepEqual(
      created?.ranking.map(({ model_id, result_summary, unavailable }) => [model_id, result_summary, unavailable]),
      [
        ['b', { value: 1 }, undefined],
        ['c', { value: -2 }, undefined],
        ['a', {}, { value: 'the sum of its values is beyond the range of numbers' }],
      ],
    );
    assert.deepEqual(
      created?.emission.cruncher_rewards.map(({ model_id }) => model_id),
      ['b', 'c'],
    );
  });

  it('is not made when the function that decides rewards fails, and its period continues', () => {
    const reward = (model_id: string, reward_pct: number, cruncher_index = 0) => ({
      cruncher_index,
      model_id,
      reward_pct,
    });
    const paying =
      (...cruncher_rewards: ReturnType<typeof reward>[]) =>
      () => ({
        crunch: 'pk',
        cruncher_rewards,
        compute_provider_rewards: [],
        data_provider_rewards: [],
      });
    const faults: [() => never | ReturnType<ReturnType<typeof paying>>, RegExp][] = [
      [() => assert.fail('no mood'), /^build_emission: no mood$/],
      [() => undefined as never, /^build_emission: .*received undefined/],
      [paying(reward('a', Number.NaN)), /reward_pct.*received NaN/],
      [paying(reward('a', 5)), /add up to 1000000000, received 5/],
      [paying(reward('stranger', 1e9)), /rewards for models of the ranking/],
      [paying(reward('a', 5e8), reward('a', 5e8)), /one reward for a model/],
    ];
    for (const [build_emission, expected] of faults) {
      const failing = specification(checkpointReact({ ...rules, build_emission }));
      const due = failing(checkpointStart).when(cycleTo(60, null), [
        taken({ model: 'a', cycle: 60, summary: { value: 1 } }),
      ]);
      const [closing] = due.data('CycleClosed');
      assert.match(closing?.not_made ?? '', expected);
      assert.deepEqual([due.published.length, closing?.last_period_end], [1, null]);
      const mended = given(due.state).when(cycleTo(120, 60), []);
      assert.deepEqual(mended.data('CheckpointCreated')[0]?.snapshot_count, 1);
    }
  });

  it('pays for the whole period at the first closing at or after the hour', () => {
    const before = beforeTheHour();
    assert.deepEqual(
      before.published.map(({ type }) => type),
      ['CycleClosed'],
    );
    const due = given(before.state).when(cycleTo(61, 59), [
      taken({ model: 'c', cycle: 61, summary: { note: 'x' }, count: 1, failed: 1 }),
    ]);
    const [created] = due.data('CheckpointCreated');
    assert.deepEqual(
      [created?.checkpoint_id, created?.period_start, created?.period_end, created?.snapshot_count],
      ['CKP_20260101_010100', minute(1), minute(61), 5],
    );
    assert.deepEqual(created?.ranking, [
      { model_id: 'a', prediction_count: 4, snapshot_count: 2, result_summary: { value: 2 }, rank: 1 },
      { model_id: 'b', prediction_count: 2, snapshot_count: 1, result_summary: { value: 2 }, rank: 2 },
      { model_id: 'c', prediction_count: 1, snapshot_count: 1, result_summary: {}, rank: 3 },
    ]);
    assert.deepEqual(created?.emission, {
      crunch: 'pk',
      cruncher_rewards: [
        { cruncher_index: 0, model_id: 'a', reward_pct: 625_000_000 },
        { cruncher_index: 1, model_id: 'b', reward_pct: 375_000_000 },
      ],
      compute_provider_rewards: [{ provider: 'cp', reward_pct: 1_000_000_000 }],
      data_provider_rewards: [],
    });
    assert.equal(due.data('CycleClosed')[0]?.last_period_end, minute(61));
  });

  it('uses the value of a portfolio at the end, also when it did not trade any more', () => {
    const aggregation = {
      windows: [],
      value_field: 'net_pnl',
      ranking_key: 'net_pnl',
      ranking_direction: 'desc',
    } as const;
    const traded = specification(checkpointReact({ ...rules, kind: 'trading', aggregation }));
    const early = traded(checkpointStart).when(cycleTo(10, null), [
      taken({ model: 'a', cycle: 10, summary: { net_pnl: 100, total_fees: 1 }, count: 50 }),
      taken({ model: 'b', cycle: 10, summary: { net_pnl: -5 }, count: 1 }),
    ]);
    const due = traded(early.state).when(cycleTo(60, 10), [
      taken({ model: 'a', cycle: 60, summary: { net_pnl: -7, total_fees: 2 }, count: 0 }),
    ]);
    assert.deepEqual(
      due.data('CheckpointCreated')[0]?.ranking.map(({ model_id, result_summary }) => [model_id, result_summary]),
      [
        ['b', { net_pnl: -5 }],
        ['a', { net_pnl: -7, total_fees: 2 }],
      ],
    );
  });

  it('proves the period by the chained roots of its cycles', () => {
    const before = beforeTheHour();
    const first = hashPair('hash of __ensemble_x__ 10', 'hash of a 10');
    const second = hashPair(first, hashPair('hash of a 59', 'hash of b 59'));
    const [created] = given(before.state).when(cycleTo(60, 59), []).data('CheckpointCreated');
    assert.equal(created?.merkle_root, hashPair(first, second));
  });

  it('closes a silent cycle, and continues the period when it had no snapshots', () => {
    const silent = given(checkpointStart).when(cycleTo(60), []);
    assert.deepEqual(silent.data('CycleClosed'), [{ ...cycleTo(60), last_period_end: null }]);
    assert.equal(silent.published.length, 1);
  });

  it('starts a period where the last one ended', () => {
    const paid = given(beforeTheHour().state).when(cycleTo(60, 59), []);
    const next = given(paid.state).when(cycleTo(120, 60), [taken({ model: 'b', cycle: 120, summary: { value: 1 } })]);
    const [created] = next.data('CheckpointCreated');
    assert.deepEqual([created?.period_start, created?.period_end], [minute(60), minute(120)]);
    assert.deepEqual(
      created?.ranking.map(({ model_id }) => model_id),
      ['b'],
    );
  });

  it('pays nothing twice when another interval is configured later', () => {
    // Recorded with an hour's interval; recomputed with one of two minutes, which would have paid long before.
    const hasty = specification(checkpointReact({ ...rules, checkpoint_interval_seconds: 120 }));
    const closing = (cycle: number, last: number | null) =>
      ({
        data: { end: minute(cycle), last_period_end: last === null ? null : minute(last) },
      }) as CheckpointsCycleClosed;
    const snapshot = (cycle: number) => [taken({ model: 'a', cycle, summary: { value: 1 }, count: 1 })];
    let state = checkpointStart;
    for (const [cycle, start, paid] of [
      [58, null, null],
      [59, 58, null],
      [60, 59, 60],
      [61, 60, 60],
    ] as const) {
      state = adoptCheckpoints(hasty(state).when(cycleTo(cycle, start), snapshot(cycle)).state, closing(cycle, paid));
    }
    const [created] = hasty(state).when(cycleTo(62, 61), snapshot(62)).data('CheckpointCreated');
    assert.deepEqual([created?.period_start, created?.snapshot_count], [minute(60), 2]);
    const [late] = given(state).when(cycleTo(120, 61), snapshot(120)).data('CheckpointCreated');
    assert.deepEqual([late?.period_start, late?.snapshot_count], [minute(60), 2]);
  });

  it('takes the last period from what was recorded', () => {
    const adopted = adoptCheckpoints(beforeTheHour().state, {
      data: { last_period_end: minute(7) },
    } as CheckpointsCycleClosed);
    assert.equal(given(adopted).when(cycleTo(60, 59), []).data('CheckpointCreated')[0]?.period_start, minute(7));
  });

  it('leaves nothing unpaid when the log has a gap before the first checkpoint', () => {
    const before = given(checkpointStart).when(cycleTo(70, null), [
      taken({ model: 'a', cycle: 70, summary: { value: 1 } }),
    ]);
    const [created] = given(before.state).when(cycleTo(200, 70), []).data('CheckpointCreated');
    assert.deepEqual([created?.period_start, created?.snapshot_count], [minute(60), 1]);
  });

  it('pays the same in whatever order snapshots arrived', () => {
    const snapshots: SnapshotTaken[] = ['10', '9x', 'b', '__proto__', '𐐷', 'ﬀ'].map((model, i) =>
      taken({ model, cycle: 60, summary: { value: i % 2, ic: i / 7 }, count: i + 1 }),
    );
    const expected = react(checkpointStart, cycleTo(60), snapshots);
    const [created] = expected.events;
    assert.equal(created?.type, 'CheckpointCreated');
    const rewards = created?.type === 'CheckpointCreated' ? created.data.emission.cruncher_rewards : [];
    assert.equal(
      rewards.reduce((sum, { reward_pct }) => sum + reward_pct, 0),
      1_000_000_000,
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(snapshots, { minLength: snapshots.length }), (arrived) => {
        const result = react(checkpointStart, cycleTo(60), arrived);
        assert.equal(bytes(result.events), bytes(expected.events));
        assert.deepEqual(result.state, expected.state);
      }),
      { numRuns: 25 },
    );
  });
});
