/** Nearest-rank percentile of numbers in any order; NaN of none. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN;
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));

export const summary = (values: readonly number[]) => ({
  mean: rounded(mean(values)),
  p50: rounded(percentile(values, 50)),
  p90: rounded(percentile(values, 90)),
  p99: rounded(percentile(values, 99)),
});
