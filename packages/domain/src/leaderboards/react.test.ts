import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LeaderboardsCycleClosed, RankedEntry, SnapshotTaken } from '@crunch-node/streams';
import fc from 'fast-check';
import { cycleTo, minute, taken } from '../testing/given-events.ts';
import { bytes, specification } from '../testing/specification.ts';
import type { Aggregation } from './aggregation.ts';
import { adoptLeaderboards, rankReact, rankStart } from './react.ts';

const aggregation: Aggregation = {
  windows: [
    { name: 'hour', hours: 1 },
    { name: 'day', hours: 24 },
  ],
  value_field: 'value',
  ranking_key: 'hour',
  ranking_direction: 'desc',
};
const react = rankReact({ aggregation });
const given = specification(react);
const givenBy = (changed: Partial<Aggregation>) =>
  specification(rankReact({ aggregation: { ...aggregation, ...changed } }));
const order = (entries: readonly RankedEntry[] = []) =>
  entries.map(({ rank, model_id, score }) => [rank, model_id, score.ranking.value]);

describe('rank', () => {
  it('ranks by the mean of the window, weighted by scored predictions', () => {
    const first = given(rankStart).when(cycleTo(10), [
      taken({ model: 'a', cycle: 10, summary: { value: 1 }, count: 1 }),
      taken({ model: 'b', cycle: 10, summary: { value: 2 }, count: 1 }),
    ]);
    const [board] = given(first.state)
      .when(cycleTo(11), [
        taken({ model: 'a', cycle: 11, summary: { value: 5, ic: 0.5, note: 'x' }, count: 4, failed: 1 }),
      ])
      .data('LeaderboardRanked');
    assert.deepEqual(board, {
      leaderboard_id: 'LBR_20260101_001100.000',
      cycle_end: minute(11),
      entries: [
        {
          rank: 1,
          model_id: 'a',
          score: {
            metrics: { hour: 4, day: 4, value: 5, ic: 0.5 },
            ranking: { key: 'hour', value: 4, direction: 'desc' },
          },
        },
        {
          rank: 2,
          model_id: 'b',
          score: { metrics: { hour: 2, day: 2, value: 2 }, ranking: { key: 'hour', value: 2, direction: 'desc' } },
        },
      ],
      ensembles: [],
    });
  });

  it('closes a silent cycle without repeating the ranking', () => {
    const first = given(rankStart).when(cycleTo(10), [taken({ model: 'a', cycle: 10, summary: { value: 1 } })]);
    const [{ entries_hash } = { entries_hash: null }] = first.data('CycleClosed');
    assert.match(entries_hash ?? '', /^[0-9a-f]{64}$/);
    given(first.state)
      .when(cycleTo(11), [])
      .then([
        {
          ...first.published[1]!,
          id: 'cycle:leaderboards:1767226260000',
          at: minute(11),
          data: { ...cycleTo(11), entries_hash },
        } as never,
      ]);
    assert.equal(given(rankStart).when(cycleTo(1, null), []).data('CycleClosed')[0]?.entries_hash, null);
  });

  it('lets windows age while nothing is scored', () => {
    const first = given(rankStart).when(cycleTo(10), [
      taken({ model: 'a', cycle: 10, summary: { value: -1 } }),
      taken({ model: 'b', cycle: 10, summary: { value: 9 }, period_end: 5 }),
    ]);
    const [board] = given(first.state).when(cycleTo(66), []).data('LeaderboardRanked');
    assert.deepEqual(order(board?.entries), [
      [1, 'a', -1],
      [2, 'b', null],
    ]);
    assert.equal(board?.entries[1]?.score.metrics.day, 9);
  });

  it('publishes its ranking again when the recorded one was another', () => {
    const first = given(rankStart).when(cycleTo(10), [taken({ model: 'a', cycle: 10, summary: { value: 1 } })]);
    const adopted = adoptLeaderboards(first.state, { data: { entries_hash: 'other' } } as LeaderboardsCycleClosed);
    assert.equal(given(adopted).when(cycleTo(11), []).data('LeaderboardRanked').length, 1);
  });

  it('ranks by a metric of the newest snapshot, ascending when configured so', () => {
    const byDrawdown = givenBy({ ranking_key: 'max_drawdown', ranking_direction: 'asc' });
    const first = byDrawdown(rankStart).when(cycleTo(10), [
      taken({ model: 'a', cycle: 10, summary: { value: 1, max_drawdown: -3 } }),
      taken({ model: 'b', cycle: 10, summary: { value: 1, max_drawdown: -5 } }),
      taken({ model: 'c', cycle: 10, summary: { value: 1 } }),
    ]);
    assert.deepEqual(order(first.data('LeaderboardRanked')[0]?.entries), [
      [1, 'b', -5],
      [2, 'a', -3],
      [3, 'c', null],
    ]);
    const later = byDrawdown(first.state).when(cycleTo(11), [
      taken({ model: 'b', cycle: 11, summary: { max_drawdown: -1 } }),
    ]);
    assert.deepEqual(order(later.data('LeaderboardRanked')[0]?.entries), [
      [1, 'a', -3],
      [2, 'b', -1],
      [3, 'c', null],
    ]);
    const dormant = byDrawdown(later.state).when(cycleTo(24 * 60 + 10), []);
    assert.deepEqual(order(dormant.data('LeaderboardRanked')[0]?.entries), [
      [1, 'b', -1],
      [2, 'a', null],
      [3, 'c', null],
    ]);
  });

  it('breaks ties by the first appearance, then by model id', () => {
    const first = given(rankStart).when(cycleTo(10), [taken({ model: 'z', cycle: 10, summary: { value: 1 } })]);
    const summary = { value: 1 };
    const [board] = given(first.state)
      .when(
        cycleTo(11),
        ['𐐷', '10', 'ﬀ', '9'].map((model) => taken({ model, cycle: 11, summary })),
      )
      .data('LeaderboardRanked');
    assert.deepEqual(
      board?.entries.map(({ model_id }) => model_id),
      ['z', '10', '9', 'ﬀ', '𐐷'],
    );
  });

  it('ranks ensembles among themselves', () => {
    const [board] = given(rankStart)
      .when(cycleTo(10), [
        taken({ model: '__ensemble_x__', cycle: 10, summary: { value: 9 } }),
        taken({ model: 'a', cycle: 10, summary: { value: 1 } }),
      ])
      .data('LeaderboardRanked');
    assert.deepEqual([order(board?.entries), order(board?.ensembles)], [[[1, 'a', 1]], [[1, '__ensemble_x__', 9]]]);
  });

  it('treats a value that is no number as missing', () => {
    const [board] = given(rankStart)
      .when(cycleTo(10), [
        taken({ model: 'a', cycle: 10, summary: { value: 'much' } }),
        taken({ model: 'b', cycle: 10, summary: { value: -7 } }),
        taken({ model: 'c', cycle: 10, summary: { value: 3 }, count: 2, failed: 2 }),
      ])
      .data('LeaderboardRanked');
    assert.deepEqual(order(board?.entries), [
      [1, 'b', -7],
      [2, 'a', null],
      [3, 'c', null],
    ]);
  });

  it('counts the rounds behind scores where this is configured, and ranks by no score of too few', () => {
    const windows = (more: object) => [{ name: 'hour', hours: 1, ...more }, aggregation.windows[1]!];
    const snapshots = [
      taken({ model: 'a', cycle: 10, summary: { value: 1 }, count: 40, failed: 4 }),
      taken({ model: 'b', cycle: 10, summary: { value: 9 }, count: 3 }),
      taken({ model: '__ensemble_x__', cycle: 10, summary: { value: 9 }, count: 90 }),
    ];
    const board = (changed: Partial<Aggregation>) =>
      givenBy(changed)(rankStart).when(cycleTo(10), snapshots).data('LeaderboardRanked')[0]!;
    const rankings = (changed: Partial<Aggregation>) => board(changed).entries.map(({ score }) => score.ranking);
    assert.deepEqual(rankings({ coverage: 'ignored' }), rankings({}));
    assert.deepEqual(
      rankings({ coverage: 'counted' }).map(({ value, rounds }) => [value, rounds]),
      [
        [9, { hour: 3, day: 3 }],
        [1, { hour: 36, day: 36 }],
      ],
    );
    const few = rankings({ windows: windows({ min_rounds: 4 }) });
    assert.deepEqual(
      few.map(({ value, unranked }) => [value, unranked]),
      [
        [1, undefined],
        [null, 'expected 4 rounds in hour, received 3'],
      ],
    );
    const share = rankings({ windows: windows({ min_share: 0.5 }) });
    assert.equal(share[1]?.unranked, 'expected at least 0.5 of the 36 rounds in hour, received 3');
    assert.equal(board({ windows: windows({ min_share: 0.5 }) }).entries[1]?.score.metrics.hour, 9);
    // Ranked by a metric, the longest window decides.
    const byMetric = { ranking_key: 'value', windows: windows({ min_rounds: 4 }) };
    assert.deepEqual(
      rankings(byMetric).map(({ value }) => value),
      [9, 1],
    );
  });

  it('averages a long window to the same digits in every cycle', () => {
    const cycles = Array.from({ length: 300 }, (_, i) => i + 1);
    let state = rankStart;
    let last = 0;
    for (const cycle of cycles) {
      const { state: next, events } = react(state, cycleTo(cycle), [
        taken({ model: 'a', cycle, summary: { value: Math.sin(cycle) }, count: 1 + (cycle % 3) }),
      ]);
      state = next;
      const board = events.find((event) => event.type === 'LeaderboardRanked');
      last = board?.data.entries[0]?.score.metrics.day ?? 0;
    }
    const weight = (cycle: number): number => 1 + (cycle % 3);
    const expected =
      cycles.reduce((sum, cycle) => sum + Math.sin(cycle) * weight(cycle), 0) /
      cycles.reduce((sum, cycle) => sum + weight(cycle), 0);
    assert.ok(Math.abs(last - expected) < 1e-12);
    assert.deepEqual(JSON.parse(JSON.stringify(state)), state);
  });

  it('gives the same ranking in whatever order snapshots arrived', () => {
    const snapshots: SnapshotTaken[] = ['10', '9x', 'b', '__proto__', '𐐷', 'ﬀ', '__ensemble_q__'].map((model, i) =>
      taken({ model, cycle: 10, summary: { value: i % 2, ic: i / 7 }, count: i + 1 }),
    );
    const expected = react(rankStart, cycleTo(10), snapshots);
    fc.assert(
      fc.property(fc.shuffledSubarray(snapshots, { minLength: snapshots.length }), (arrived) => {
        const result = react(rankStart, cycleTo(10), arrived);
        assert.equal(bytes(result.events), bytes(expected.events));
        assert.deepEqual(result.state, expected.state);
      }),
      { numRuns: 25 },
    );
  });
});
