import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PortfolioMarked, type SnapshotTaken } from '@crunch-node/streams';
import { Integer } from '../merkle/canonical-json.ts';
import { snapshotText } from '../merkle/snapshot-hash.ts';
import { cycleTo, minute } from '../testing/given-events.ts';
import { bytes, specification } from '../testing/specification.ts';
import { addPnl, noPnl, sortinoOf } from './pnl-metrics.ts';
import { tradingSnapshotReact, tradingSnapshotStart } from './snapshot-react.ts';

const given = specification(tradingSnapshotReact);
const marked = (model_id: string, at: number, net_pnl: number, more: Partial<PortfolioMarked['data']> = {}) =>
  PortfolioMarked.at(minute(at), {
    partition: 0,
    model_id,
    cycle_start: at === 1 ? null : minute(at - 1),
    cycle_end: minute(at),
    positions: [],
    net_pnl,
    unrealized_pnl: 0,
    realized_pnl: net_pnl,
    total_fees: 0,
    total_carry_costs: 0,
    orders: 0,
    trades: 0,
    winning_trades: 0,
    answers: 2,
    failed_answers: 1,
    ...more,
  });
const summariesOf = (snapshots: readonly SnapshotTaken['data'][]) =>
  snapshots.map(({ model_id, result_summary }) => [model_id, result_summary]);

describe('snapshots of portfolios', () => {
  it('hold the value of a portfolio and the trades behind it', () => {
    let state = tradingSnapshotStart;
    for (const [i, net_pnl] of [1, 3, 2].entries()) {
      ({ state } = given(state).when(cycleTo(i + 1, i === 0 ? null : i), [marked('a', i + 1, net_pnl)]));
    }
    const result = given(state).when(cycleTo(4), [
      marked('b', 4, 0),
      marked('a', 4, 0, { trades: 4, winning_trades: 1 }),
    ]);
    const [a, b] = result.data('SnapshotTaken');
    assert.deepEqual(
      [a?.period_start, a?.period_end, a?.prediction_count, a?.failed_count],
      [minute(3), minute(4), 2, 1],
    );
    const flat = {
      net_pnl: 0,
      unrealized_pnl: 0,
      realized_pnl: 0,
      total_fees: 0,
      total_carry_costs: 0,
      open_position_count: 0,
      max_drawdown: 0,
      hit_rate: 0,
      sortino_ratio: 0,
    };
    const falls = Math.sqrt((1 + 4) / 2);
    assert.deepEqual(summariesOf([a!, b!]), [
      ['a', { ...flat, max_drawdown: 3, hit_rate: 0.25, sortino_ratio: -1 / 3 / falls }],
      ['b', flat],
    ]);
  });

  it('hash the number of open positions as an integer', () => {
    const about = { model_id: 'a', period_start: 'x', period_end: 'y', prediction_count: 1 };
    assert.match(snapshotText({ ...about, result_summary: { open_position_count: 2, net_pnl: 2 } }), /count":2}/);
    const positions = { open_position_count: new Integer(2) } as never;
    assert.equal(
      snapshotText({ ...about, result_summary: positions }),
      snapshotText({ ...about, result_summary: { open_position_count: 2 } }),
    );
  });

  it('close a silent cycle and keep the chain', () => {
    const first = given(tradingSnapshotStart).when(cycleTo(1, null), [marked('a', 1, 1)]);
    const silent = given(first.state).when(cycleTo(2), []);
    assert.deepEqual(silent.data('CycleClosed')[0]?.merkle, null);
    assert.deepEqual(silent.data('CycleClosed')[0]?.chain, first.data('CycleClosed')[0]?.chain);
  });

  it('are the same in whatever order the partitions arrived', () => {
    const marks = ['a', '10', '9', '𐐷', 'ﬀ'].map((id) => marked(id, 1, id.length));
    const one = tradingSnapshotReact(tradingSnapshotStart, cycleTo(1, null), marks);
    const other = tradingSnapshotReact(tradingSnapshotStart, cycleTo(1, null), [...marks].reverse());
    assert.equal(bytes(other.events), bytes(one.events));
  });

  it('keep their history in a few numbers', () => {
    const history = [5, 4, 6, 1].reduce(addPnl, noPnl);
    assert.deepEqual([history.count, history.max_drawdown, history.falls], [4, 5, 2]);
    assert.equal(sortinoOf(history), -4 / 3 / Math.sqrt((1 + 25) / 2));
  });
});
