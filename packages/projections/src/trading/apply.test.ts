import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Fill, type Instant, OrdersFilled, PortfolioMarked } from '@crunch-node/streams';
import { scoresProjection } from '../scores/projection.ts';
import { recorded } from '../testing/index.ts';

const END: Instant = '2026-01-01T00:02:00.000000Z';
const nothing = { direction: null, wanted_size: 0, size: 0, fee: 0, closed: null, reason: null };
const fill = (model_id: string, outcome: Fill['outcome'], more: Partial<Fill> = {}): Fill => ({
  ...nothing,
  prediction_id: `PRE_${model_id}`,
  model_id,
  outcome,
  ...more,
});
const filled = OrdersFilled.at(END, {
  round_id: 'round:0:btc:1',
  partition: 0,
  scope_key: 'btc',
  scope: { subject: 'BTC' },
  performed_at: '2026-01-01T00:01:00.000000Z',
  input_id: 'INP_1',
  subject: 'BTC',
  price: 110,
  price_record: 'feed:x',
  fills: [
    fill('a', 'filled', {
      direction: 'short',
      wanted_size: 3,
      size: 2,
      fee: 0.25,
      closed: {
        direction: 'long',
        size: 2,
        entry_price: 100,
        exit_price: 110,
        realized_pnl: 1.5,
        opened_at: '2026-01-01T00:00:00.000000Z',
      },
    }),
    fill('b', 'ignored', { reason: 'nothing to do' }),
    fill('c', 'failed', { reason: 'no order' }),
  ],
});
const marked = PortfolioMarked.at(END, {
  partition: 0,
  model_id: 'a',
  cycle_start: null,
  cycle_end: END,
  positions: [],
  net_pnl: 1.25,
  unrealized_pnl: 0,
  realized_pnl: 1.5,
  total_fees: 0.25,
  total_carry_costs: 0,
  orders: 1,
  trades: 1,
  winning_trades: 1,
  answers: 1,
  failed_answers: 0,
});

describe('rows of a batch of trading', () => {
  const { rows } = scoresProjection.apply(recorded([filled, marked]), {});

  it('are one per order, with the part of the position it closed', () =>
    assert.deepEqual(
      rows.fills.map(({ model_id, outcome, size, price, fee, realized_pnl, filled_at, log_sequence }) => [
        [model_id, outcome, size, price],
        [fee, realized_pnl, filled_at, log_sequence],
      ]),
      [
        [
          ['a', 'filled', 2, 110],
          [0.25, 1.5, END, 1],
        ],
        [
          ['b', 'ignored', 0, 110],
          [0, null, END, 1],
        ],
        [
          ['c', 'failed', 0, 110],
          [0, null, END, 1],
        ],
      ],
    ));

  it('are one per portfolio and cycle', () =>
    assert.deepEqual(
      rows.portfolio_marks.map(({ model_id, cycle_end, net_pnl, log_sequence }) => [
        model_id,
        cycle_end,
        net_pnl,
        log_sequence,
      ]),
      [['a', END, 1.25, 2]],
    ));

  it('hold a score per order, its immediate profit, so that its prediction is finished', () => {
    assert.deepEqual(
      rows.scores.map(({ score_id, outcome, value, success, failed_reason }) => [
        [score_id, outcome],
        [value, success, failed_reason],
      ]),
      [
        [
          ['SCR_PRE_a', 'scored'],
          [1.25, true, null],
        ],
        [
          ['SCR_PRE_b', 'scored'],
          [0, true, null],
        ],
        [
          ['SCR_PRE_c', 'failed'],
          [null, false, 'no order'],
        ],
      ],
    );
    assert.deepEqual(rows.scored_rounds[0]?.ground_truth, { symbol: 'BTC', entry_price: 110 });
  });

  it('stay the same when an event is repeated after its cycle was closed', () => {
    const again = scoresProjection.apply(recorded([filled, marked]), { '0': END });
    assert.deepEqual(Object.values(again.rows).flat(), []);
  });
});
