import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkpointText } from './checkpoint.ts';
import { countsText } from './counts.ts';
import { leaderboardText } from './leaderboard.ts';
import { rejectedText } from './rejected.ts';
import { whatIfText } from './what-if.ts';

describe('output for people', () => {
  it('counts everything, and rates what this run has added', () => {
    const counted = (n: number) => [{ stage: 'predict', counts: [['rounds', n]] as const }];
    assert.match(countsText(counted(1_200), 10, counted(1_000)), /rounds +1,200 +20$/m);
    assert.match(countsText(counted(1_200), 10), /rounds +1,200 +120$/m);
    assert.match(countsText(counted(1_200), 10, counted(1_300)), /rounds +1,200 +0$/m);
  });

  it('names rejected rows, and is silent when there were none', () => {
    assert.deepEqual(rejectedText(undefined), []);
    assert.deepEqual(rejectedText({ rows: 0, reasons: {}, first: [] }), []);
    const rejected = { rows: 1_002, reasons: { bad_time: 1_000, unreadable: 2 }, first: ['a.csv:3: bad\u001b[0m'] };
    assert.deepEqual(rejectedText(rejected), [
      '  1,002 rows of the feed rejected: bad_time 1,000, unreadable 2\n    a.csv:3: bad\\u001b[0m',
    ]);
  });

  it('ranks, with every number to six places', () =>
    assert.equal(
      leaderboardText(
        [
          {
            rank: 1,
            model_id: '1',
            model_name: 'momentum',
            cruncher_name: 'ann',
            score_metrics: { day: 1.5, ic: null },
          },
          { rank: 2, model_id: '2', model_name: null, cruncher_name: null, score_metrics: { day: -0.25, ic: 0.1 } },
        ],
        ['day', 'ic'],
      ),
      [
        '  #  model     cruncher        day        ic',
        '  1  momentum  ann        1.500000         –',
        '  2  2         –         -0.250000  0.100000',
      ].join('\n'),
    ));

  it('shows that there is nothing yet', () => {
    assert.match(leaderboardText([], []), /no model is ranked/);
    assert.match(checkpointText(undefined), /none yet/);
  });

  it('shows who gets what of an emission', () =>
    assert.equal(
      checkpointText({
        id: 'CKP_1',
        status: 'PENDING',
        period_start: '2024-01-01T00:00:00.000000Z',
        period_end: '2024-01-01T01:00:00.000000Z',
        merkle_root: 'abcdef0123456789',
        entries: [
          {
            cruncher_rewards: [
              { cruncher_index: 0, reward_pct: 625_000_000 },
              { cruncher_index: 1, reward_pct: 375_000_000 },
            ],
          },
        ],
        meta: {
          ranking: [
            { rank: 1, model_id: '7', model_name: 'momentum' },
            { rank: 2, model_id: '9' },
          ],
        },
      }),
      [
        '  CKP_1 (PENDING), 2024-01-01 00:00 to 2024-01-01 01:00, Merkle root abcdef012345…',
        '  #  model     emission',
        '  1  momentum   62.50 %',
        '  2  9          37.50 %',
      ].join('\n'),
    ));

  it('sets both leaderboards side by side, and no reward where there is no checkpoint', () => {
    const side = (rank: number, score: number) => ({ rank, score });
    const text = whatIfText({
      at: '2024-01-01T01:00:00.000000Z',
      cycles: 60,
      ranking: [
        { model_id: '7', model_name: 'momentum', otherwise: side(1, 2), published: side(2, 1) },
        { model_id: '9', model_name: null, otherwise: side(2, 0.5), published: side(1, 1.5) },
      ],
      rewards: [
        { model_id: '7', otherwise: null, published: 400_000_000 },
        { model_id: '9', otherwise: null, published: 0 },
      ],
      streams: [],
    });
    const [head, first, second] = text.split('\n').map((line) => line.trim().split(/\s{2,}/));
    assert.deepEqual(head, ['#', 'was', 'model', 'score', 'published', 'reward', 'published']);
    assert.deepEqual(first, ['1', '2 ▲1', 'momentum', '2.000000', '1.000000', '–', '40.00 %']);
    assert.deepEqual(second, ['2', '1 ▼1', '9', '0.500000', '1.500000', '–', '0.00 %']);
  });

  it('counts, per second', () =>
    assert.equal(
      countsText(
        [
          {
            stage: 'ingest',
            counts: [
              ['records', 5760],
              ['closings', 2880],
            ],
          },
        ],
        10,
      ),
      [
        '  stage             count  per second',
        '  ingest  records   5,760         576',
        '          closings  2,880         288',
      ].join('\n'),
    ));
});
