import { mean } from '../metrics/returns.ts';

/** Metrics of a profit-and-loss series, which differ from those of scores: a drawdown is 0 or more here. */
export const pnlMetrics = (series: readonly number[]): { max_drawdown: number; sortino_ratio: number } => ({
  max_drawdown: pnlDrawdown(series),
  sortino_ratio: pnlSortino(series),
});

/** Largest fall below an earlier peak; the first value is the first peak. */
function pnlDrawdown(series: readonly number[]): number {
  let peak = Number.NEGATIVE_INFINITY;
  let deepest = 0;
  for (const value of series) {
    peak = Math.max(peak, value);
    deepest = Math.max(deepest, peak - value);
  }
  return deepest;
}

/** Mean change, divided by the root mean square of the falls; 0 without a fall. */
function pnlSortino(series: readonly number[]): number {
  const changes = series.slice(1).map((value, i) => value - series[i]!);
  const falls = changes.filter((change) => change < 0);
  if (falls.length === 0) return 0;
  const downside = Math.sqrt(mean(falls.map((fall) => fall * fall)));
  return downside < 1e-12 ? 0 : mean(changes) / downside;
}

/** Share of closed trades that won; 0 when none was closed. */
export const tradeHitRate = (trades: readonly { readonly realized_pnl: number }[]): number =>
  trades.length === 0 ? 0 : trades.filter(({ realized_pnl }) => realized_pnl > 0).length / trades.length;
