import { contribution } from './contribution.ts';
import { ensembleCorrelation } from './ensemble-correlation.ts';
import { fnc } from './fnc.ts';
import { hitRate } from './hit-rate.ts';
import { ic } from './ic.ts';
import { icSharpe } from './ic-sharpe.ts';
import { maxDrawdown } from './max-drawdown.ts';
import { meanReturn } from './mean-return.ts';
import type { Metric } from './metric.ts';
import { modelCorrelation } from './model-correlation.ts';
import { sortinoRatio } from './sortino-ratio.ts';
import { turnover } from './turnover.ts';

/** Every built-in metric by the name it has in configurations and summaries. */
export const builtInMetrics: ReadonlyMap<string, Metric> = new Map<string, Metric>([
  ['ic', ic],
  ['ic_sharpe', icSharpe],
  ['mean_return', meanReturn],
  ['hit_rate', hitRate],
  ['model_correlation', modelCorrelation],
  ['max_drawdown', maxDrawdown],
  ['sortino_ratio', sortinoRatio],
  ['turnover', turnover],
  ['fnc', fnc],
  ['contribution', contribution],
  ['ensemble_correlation', ensembleCorrelation],
]);
