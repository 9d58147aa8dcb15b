export { type QuantileRules, quantileRecord, quantilesOf } from './quantile-answer.ts';
export {
  centralIntervals,
  pinball,
  type QuantileScores,
  scoreQuantiles,
  weightedIntervalScore,
} from './quantile-score.ts';
