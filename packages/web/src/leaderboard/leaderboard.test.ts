import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compare, scoredRounds, scoresByModel } from './compare.ts';
import { changesSince, type Entry, leadingSince, matching, nameOf, rankBy, usualDirection } from './ranking.ts';
import { whatIfIn } from './what-if.ts';

const entry = (model_id: string, rank: number, metrics: Record<string, number | null>): Entry => ({
  model_id,
  rank,
  model_name: `model ${model_id}`,
  cruncher_name: null,
  username: null,
  status: 'active',
  created_at: '2026-01-01T00:00:00Z',
  score_metrics: metrics,
  score_ranking: { key: 'score', value: metrics.score ?? null, direction: 'desc' },
});
const board = [
  entry('a', 1, { score: 3, turnover: 9 }),
  entry('b', 2, { score: 3, turnover: null }),
  entry('c', 3, { score: 1, turnover: 2 }),
];
const idsOf = (rows: readonly { entry: Entry; rank: number }[]) =>
  rows.map((row) => `${row.rank}${row.entry.model_id}`);

describe('a leaderboard', () => {
  it('names a model by its id where its name has nothing to see', () => {
    for (const model_name of [null, undefined, '', '  ', '\u00A0', '\u200B\u2060', '\u202E', '\t\n'])
      assert.equal(nameOf({ model_id: '7', ...(model_name !== undefined && { model_name }) }), '7');
    for (const model_name of ['x', ' x', '\u202Ex', '🐦'])
      assert.equal(nameOf({ model_id: '7', model_name }), model_name);
  });

  it('keeps the published ranks in the published order', () =>
    assert.deepEqual(idsOf(rankBy([...board].reverse(), 'score', 'desc')), ['1a', '2b', '3c']));

  it('ranks by any metric in either direction, those without a value last', () => {
    assert.deepEqual(idsOf(rankBy(board, 'turnover', 'asc')), ['1c', '2a', '3b']);
    assert.deepEqual(idsOf(rankBy(board, 'turnover', 'desc')), ['1a', '2c', '3b']);
    assert.deepEqual(idsOf(rankBy(board, 'score', 'asc')), ['1c', '2a', '3b']);
    assert.equal(usualDirection('turnover', board), 'asc');
    assert.equal(usualDirection('score', board), 'desc');
  });

  it('counts places won since an earlier one', () => {
    const before = rankBy([entry('c', 1, { score: 5 }), entry('a', 2, { score: 1 })], 'score', 'desc');
    const changes = changesSince(rankBy(board, 'score', 'desc'), before);
    assert.deepEqual(
      [...changes],
      [
        ['a', 1],
        ['b', null],
        ['c', -2],
      ],
    );
  });

  it('finds models by a part of name, participant or id', () => {
    const rows = rankBy(board, 'score', 'desc');
    assert.deepEqual(idsOf(matching(rows, ' MODEL C ')), ['3c']);
    assert.equal(matching(rows, '').length, 3);
    assert.equal(matching(rows, 'none').length, 0);
  });

  it('knows since when its leader leads', () => {
    const at = (model_id: string, ...values: (number | null)[]) =>
      values.map((value, i) => ({ model_id, at: i, value }));
    const points = [...at('a', 1, 5, 2, 4), ...at('b', 2, 1, 2, 3)];
    assert.equal(leadingSince('a', points, 'desc'), 1);
    assert.equal(leadingSince('b', points, 'asc'), 1);
    assert.equal(leadingSince('b', points, 'desc'), null);
    assert.equal(leadingSince('a', [...points, ...at('c', null, null, 9)], 'desc'), 3);
  });
});

describe('two models', () => {
  const rounds = (model_id: string, ...scores: (number | null)[]) =>
    scores.map((score_value, i) => ({ model_id, scope_key: 's', performed_at: `t${i}`, score_value }));
  const pair = (a: (number | null)[], b: (number | null)[]) => {
    const scores = scoresByModel(scoredRounds([...rounds('a', ...a), ...rounds('b', ...b)]));
    return compare(scores.get('a') ?? new Map(), scores.get('b') ?? new Map());
  };
  it('are compared over the rounds both were scored in', () => {
    assert.deepEqual(pair([1, 2, 3, null], [2, 4, 6, 8]), { rounds: 3, correlation: 1, wins: 0, losses: 3 });
    assert.equal(pair([1, 2, 3], [3, 2, 1]).correlation, -1);
  });
  it('have no correlation where there is too little, or nothing varies', () => {
    assert.equal(pair([1, 2], [1, 2]).correlation, null);
    assert.equal(pair([1, 1, 1], [1, 2, 3]).correlation, null);
    assert.deepEqual(pair([], []), { rounds: 0, correlation: null, wins: 0, losses: 0 });
  });
});

describe('the file of a what-if', () => {
  it('gives each model its other rank', () => {
    const ranking = [
      { model_id: 'a', otherwise: { rank: 2, score: 0.5 } },
      { model_id: 'b', otherwise: null },
    ];
    const { standings, cycles } = whatIfIn(JSON.stringify({ at: null, cycles: 3, ranking }));
    assert.deepEqual(
      [...standings],
      [
        ['a', { rank: 2, score: 0.5 }],
        ['b', { rank: null, score: null }],
      ],
    );
    assert.equal(cycles, 3);
  });
  it('is refused with what was expected', () => {
    for (const text of ['', 'null', '[]', '{"ranking":{}}', '{"ranking":[{}]}', '{"ranking":[null]}'])
      assert.throws(() => whatIfIn(text), /expected the JSON that `crunch-node whatif/, text);
  });
});
