/** Snapshots of a trading competition: the value of each portfolio, and the trades behind it. */
import {
  byCodePoint,
  type OrdersFilled,
  PortfolioMarked,
  type RoundScored,
  type SnapshotEvent,
  SnapshotsCycleClosed,
  SnapshotTaken,
} from '@crunch-node/streams';
import type { React } from '../cyclic.ts';
import { snapshotId } from '../ids.ts';
import { type ChainHead, chainCycle, headAfter } from '../merkle/chain.ts';
import { snapshotHash } from '../merkle/snapshot-hash.ts';
import type { tradingFields } from './config.ts';
import { addPnl, noPnl, type PnlHistory, sortinoOf } from './pnl-metrics.ts';

export interface TradingSnapshotState {
  readonly chain: ChainHead | null;
  /** net PnL per model as marked cycle by cycle, in order of model id */
  readonly histories: readonly { readonly model_id: string; readonly pnl: PnlHistory }[];
}

export const tradingSnapshotStart: TradingSnapshotState = { chain: null, histories: [] };

export const tradingSnapshotReact: React<
  TradingSnapshotState,
  RoundScored | OrdersFilled | PortfolioMarked,
  SnapshotEvent
> = (state, { start, end, config_hash }, events) => {
  const histories = new Map(state.histories.map(({ model_id, pnl }) => [model_id, pnl]));
  const taken = events
    .filter((event): event is PortfolioMarked => event.type === PortfolioMarked.type)
    .sort((a, b) => byCodePoint(a.data.model_id, b.data.model_id))
    .map((marked) => {
      const pnl = addPnl(histories.get(marked.data.model_id) ?? noPnl, marked.data.net_pnl);
      histories.set(marked.data.model_id, pnl);
      return takeSnapshot(marked, pnl);
    });
  const merkle = chainCycle(
    state.chain,
    end,
    taken.map(({ data }) => data),
  );
  const chain = headAfter(state.chain, merkle);
  const closing = SnapshotsCycleClosed.at(end, { start, end, config_hash, merkle, chain });
  const sorted = [...histories].sort(([a], [b]) => byCodePoint(a, b)).map(([model_id, pnl]) => ({ model_id, pnl }));
  return { state: { chain, histories: sorted }, events: [...taken, closing] };
};

/** It covers the whole cycle, since holding a position counts as much as trading. */
function takeSnapshot({ data }: PortfolioMarked, pnl: PnlHistory): SnapshotTaken {
  const { model_id, cycle_start, cycle_end, answers, failed_answers } = data;
  const hashed = {
    model_id,
    period_start: cycle_start ?? cycle_end,
    period_end: cycle_end,
    prediction_count: answers,
    result_summary: summaryOf(data, pnl),
  };
  return SnapshotTaken.at(cycle_end, {
    ...hashed,
    snapshot_id: snapshotId(model_id, cycle_end),
    cycle_end,
    failed_count: failed_answers,
    unavailable: {},
    content_hash: snapshotHash(hashed),
  });
}

const summaryOf = (data: PortfolioMarked['data'], pnl: PnlHistory): Record<(typeof tradingFields)[number], number> => ({
  net_pnl: data.net_pnl,
  unrealized_pnl: data.unrealized_pnl,
  realized_pnl: data.realized_pnl,
  total_fees: data.total_fees,
  total_carry_costs: data.total_carry_costs,
  open_position_count: data.positions.length,
  max_drawdown: pnl.max_drawdown,
  hit_rate: data.trades === 0 ? 0 : data.winning_trades / data.trades,
  sortino_ratio: sortinoOf(pnl),
});
