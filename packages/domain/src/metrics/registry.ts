import { hitRate } from './hit-rate.ts';
import { ic } from './ic.ts';
import { maxDrawdown } from './max-drawdown.ts';
import { meanReturn } from './mean-return.ts';
import type { Metric } from './metric.ts';

/** Every built-in metric by the name it has in configurations and summaries. */
export const builtInMetrics: ReadonlyMap<string, Metric> = new Map<string, Metric>([
  ['ic', ic],
  ['mean_return', meanReturn],
  ['hit_rate', hitRate],
  ['max_drawdown', maxDrawdown],
]);
