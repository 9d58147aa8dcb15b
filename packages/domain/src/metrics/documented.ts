/** Descriptions of built-in metrics, for the API's columns and for docs/metrics.md, which is generated from this. */
export interface MetricDocument {
  readonly title: string;
  /** values it can have, as an interval */
  readonly range: string;
  readonly better: 'higher' | 'lower' | 'neither';
  readonly formula: string;
  readonly doc: string;
}

/** By its name in configurations. `p` predictions, `a` actuals, `s` values of scores, all in time order. */
export const metricDocuments: Readonly<Record<string, MetricDocument>> = {
  ic: {
    title: 'IC',
    range: '[-1, 1]',
    better: 'higher',
    formula: 'spearman(p, a)',
    doc: 'Information coefficient: rank correlation of predictions and outcomes. Equal values share their mean rank.',
  },
  ic_sharpe: {
    title: 'IC Sharpe',
    range: '(-∞, ∞), ±10 where the coefficient does not vary',
    better: 'higher',
    formula: 'mean(ic_k) / std(ic_k), k over stretches of max(2, ⌊n / max(3, ⌊n / 10⌋)⌋) rounds',
    doc: 'How steady the information coefficient is. `std` divides by the number of stretches; one without variation counts as 0.',
  },
  mean_return: {
    title: 'Mean Return',
    range: '(-∞, ∞)',
    better: 'higher',
    formula: 'mean(r), r = a where p ≥ 0, -a elsewhere',
    doc: 'What following the sign of each prediction would have returned on average. A prediction of 0 counts as up.',
  },
  hit_rate: {
    title: 'Hit Rate',
    range: '[0, 1]',
    better: 'higher',
    formula: 'share of rounds with (p ≥ 0) = (a ≥ 0)',
    doc: 'Predictions on the right side of zero. Zero counts as up on both sides.',
  },
  model_correlation: {
    title: 'Model Corr',
    range: '[-1, 1]',
    better: 'lower',
    formula: 'mean over other models j of spearman(p, p_j)',
    doc: 'How much a model answers as the others do, over the rounds both answered.',
  },
  max_drawdown: {
    title: 'Max Drawdown',
    range: '(-∞, 0]',
    better: 'higher',
    formula: 'min over t of (S_t - max(0, max of S up to t)), S the running sum of s',
    doc: 'Deepest fall of the running sum of score values below its peak. Both begin at 0.',
  },
  sortino_ratio: {
    title: 'Sortino',
    range: '(-∞, ∞), at most ±10 without a loss',
    better: 'higher',
    formula: 'mean(r) / √(mean of r² over r < 0), r = a where p ≥ 0, -a elsewhere',
    doc: 'Mean return of following the signs, divided by the root mean square of its losses alone. Without a loss it is mean(r) · 10⁶, limited to ±10.',
  },
  turnover: {
    title: 'Turnover',
    range: '[0, ∞)',
    better: 'lower',
    formula: 'mean(|p_t - p_{t-1}|)',
    doc: 'How much a prediction differs from the one before.',
  },
  fnc: {
    title: 'FNC',
    range: '[-1, 1]',
    better: 'higher',
    formula: 'spearman(p - mean of all models, a)',
    doc: 'Information coefficient of what a model predicts beyond the mean of all models. A model alone has its `ic`.',
  },
  contribution: {
    title: 'Contribution',
    range: '[-2, 2]',
    better: 'higher',
    formula: 'spearman(e, a) - spearman(mean of the other models, a), e signals of the first ensemble',
    doc: 'What the ensemble has over the plain mean of the other models.',
  },
  ensemble_correlation: {
    title: 'Ens. Corr',
    range: '[-1, 1]',
    better: 'lower',
    formula: 'spearman(p, e), e signals of the first ensemble that shares 2 rounds',
    doc: 'How much a model answers as the ensemble does.',
  },
};
