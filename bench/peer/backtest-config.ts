/** The competition of `scripts/bench backtest-peer`: the realtime pack with the reference's metrics of a backtest. */
import { defineCrunch, realtimePack } from '@crunch-node/config';

export default defineCrunch({
  ...realtimePack,
  crunch_id: 'bench',
  metrics: ['ic', 'ic_sharpe', 'hit_rate', 'mean_return', 'max_drawdown', 'sortino_ratio', 'turnover'],
});
