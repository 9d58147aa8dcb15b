import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Type } from '@sinclair/typebox';
import { magnitudesOf } from '../values/decimals.ts';
import { leaderboardColumns } from './columns.ts';

it('a column per window, metric and further number of the score', () => {
  const columns = leaderboardColumns({
    crunch_id: 'c',
    crunch_pubkey: '',
    network: 'devnet',
    aggregation: {
      windows: [
        { name: 'score_recent', hours: 24 },
        { name: 'score_anchor', hours: 168 },
      ],
      value_field: 'value',
      ranking_key: 'score_recent',
      ranking_direction: 'desc',
    },
    metrics: ['ic', 'hit_rate', 'our_own'],
    score_type: Type.Object({
      value: Type.Number(),
      success: Type.Boolean(),
      failed_reason: Type.Null(),
      brier: Type.Number(),
      note: Type.String(),
    }),
  });
  assert.deepEqual(
    columns.map(({ id, type, property, format, displayName, order }) => [
      id,
      type,
      property,
      format,
      displayName,
      order,
    ]),
    [
      [101, 'PROJECT', 'model_id', null, 'Model', 0],
      [102, 'USERNAME', 'username', null, 'Cruncher', 5],
      [103, 'VALUE', 'score_recent', 'decimal-2', 'Score Recent', 10],
      [104, 'VALUE', 'score_anchor', 'decimal-2', 'Score Anchor', 20],
      [105, 'VALUE', 'ic', 'decimal-4', 'IC', 100],
      [106, 'VALUE', 'hit_rate', 'decimal-2', 'Hit Rate', 110],
      [107, 'VALUE', 'our_own', 'decimal-4', 'Our Own', 120],
      [108, 'VALUE', 'brier', 'decimal-4', 'Brier', 230],
    ],
  );
});

it('has as many decimals as are configured, else as its numbers take', () => {
  const config = {
    crunch_id: 'c',
    crunch_pubkey: '',
    network: 'devnet',
    aggregation: {
      windows: [
        { name: 'day', hours: 24, min_rounds: 10 },
        { name: 'week', hours: 168 },
      ],
      value_field: 'value',
      ranking_key: 'day',
      ranking_direction: 'desc' as const,
    },
    metrics: ['ic'],
    score_type: Type.Object({ value: Type.Number() }),
    decimals: { week: 3 },
  };
  const rows = [0.0121, 0.0119, 0.0125, 0, null].map((loss) => ({ day: loss, week: loss, ic: loss && -loss / 1e12 }));
  const formats = (sizes = magnitudesOf(rows)) =>
    leaderboardColumns(config, sizes).map(({ property, format }) => `${property} ${format}`);
  assert.deepEqual(formats().slice(2), [
    'day decimal-4',
    'week decimal-3',
    'day_rounds decimal-0',
    'week_rounds decimal-0',
    'ic decimal-10',
  ]);
  assert.deepEqual(formats({ day: 130, ic: 0.2 }).slice(2, 4), ['day decimal-2', 'week decimal-3']);
});
