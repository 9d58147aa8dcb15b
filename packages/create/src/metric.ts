import { builtInMetrics, didYouMean, InvalidExpression, metricRegistry } from '@crunch-node/domain';

const VECTORS = 'predictions, returns, scores';

export const isBuiltInMetric = (metric: string): boolean => builtInMetrics.has(metric);

/** What is wrong with a metric to rank by: neither the name of a built-in one nor an expression that can be computed. */
export function metricFaults(metric: string): string[] {
  if (isBuiltInMetric(metric)) return [];
  const names = [...builtInMetrics.keys()];
  try {
    metricRegistry({ own_metric: metric });
    return [];
  } catch (error) {
    if (!(error instanceof InvalidExpression)) throw error;
    const isName = /^\s*\w+\s*$/.test(metric);
    const why = isName ? '' : `: ${error.message}`;
    return [
      `metric: expected an expression over ${VECTORS} such as mean(scores) / std(scores), or one of ${names.join(', ')}, ` +
        `received ${JSON.stringify(metric)}${why}${isName ? didYouMean(metric.trim(), names) : ''}`,
    ];
  }
}
