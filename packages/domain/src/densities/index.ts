export { cdf as densityCdf, type Density, pdf as densityPdf, ppf as densityQuantile } from './density.ts';
export {
  type AnswerRules,
  densitiesOf,
  expectedMove,
  readSteps,
  type StepDensities,
  type StepReader,
  stepReader,
} from './density-answer.ts';
export { DensityFault } from './density-fault.ts';
export { type CrpsGrid, crpsOnGrid, GridScorer } from './grid-crps.ts';
export { LIKELIHOOD_FLOOR, logScore } from './log-score.ts';
export { levelsAt, type Moves, movesOver, type PriceAt } from './moves.ts';
export type { QuantilePoints } from './quantile-density.ts';
export { type DensityRules, readDensity } from './read-density.ts';
export {
  type IntervalScores,
  intervalScore,
  type StepMoves,
  type StepScores,
  type StepScoring,
  scoreIntervals,
  scoreSteps,
} from './step-score.ts';
export {
  crc32,
  type PricePath,
  pricePath,
  type VolatilityRules,
  volatilityScore,
} from './volatility.ts';
