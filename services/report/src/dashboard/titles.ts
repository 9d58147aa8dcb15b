const METRIC_NAMES: Readonly<Record<string, string>> = {
  ic: 'IC',
  ic_sharpe: 'IC Sharpe',
  mean_return: 'Mean Return',
  net_pnl: 'Net PnL',
  hit_rate: 'Hit Rate',
  max_drawdown: 'Max Drawdown',
  sortino_ratio: 'Sortino',
  turnover: 'Turnover',
  model_correlation: 'Model Corr',
  fnc: 'FNC',
  contribution: 'Contribution',
  ensemble_correlation: 'Ens. Corr',
};

/** How people know a metric. */
export const metricName = (metric: string): string => METRIC_NAMES[metric] ?? titled(metric);

/** `score_recent` → `Score Recent` */
export const titled = (name: string): string =>
  name
    .split('_')
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
