/**
 * Metrics of a profit-and-loss series, kept as running totals: a portfolio has one value per cycle, for as long as the
 * competition lasts. They differ from those of scores: a drawdown is 0 or more here.
 */
export interface PnlHistory {
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly peak: number;
  /** largest fall below an earlier peak; the first value is the first peak */
  readonly max_drawdown: number;
  readonly falls: number;
  readonly squared_falls: number;
}

export const noPnl: PnlHistory = {
  count: 0,
  first: 0,
  last: 0,
  peak: 0,
  max_drawdown: 0,
  falls: 0,
  squared_falls: 0,
};

export function addPnl(history: PnlHistory, value: number): PnlHistory {
  if (history.count === 0) return { ...noPnl, count: 1, first: value, last: value, peak: value };
  const peak = Math.max(history.peak, value);
  const change = value - history.last;
  const fell = change < 0;
  return {
    count: history.count + 1,
    first: history.first,
    last: value,
    peak,
    max_drawdown: Math.max(history.max_drawdown, peak - value),
    falls: history.falls + (fell ? 1 : 0),
    squared_falls: history.squared_falls + (fell ? change * change : 0),
  };
}

/** Mean change, divided by the root mean square of the falls; 0 without a fall. */
export function sortinoOf({ count, first, last, falls, squared_falls }: PnlHistory): number {
  if (falls === 0) return 0;
  const downside = Math.sqrt(squared_falls / falls);
  return downside < 1e-12 ? 0 : (last - first) / (count - 1) / downside;
}

/** The same of a whole series. */
export function pnlMetrics(series: readonly number[]): { max_drawdown: number; sortino_ratio: number } {
  const history = series.reduce(addPnl, noPnl);
  return { max_drawdown: history.max_drawdown, sortino_ratio: sortinoOf(history) };
}
