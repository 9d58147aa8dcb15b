import assert from 'node:assert/strict';

/** Between which values a metric may be, whatever it is computed of; the others have no bounds. */
export const metricRanges: ReadonlyMap<string, readonly [low: number, high: number]> = new Map([
  ['ic', [-1, 1]],
  ['hit_rate', [0, 1]],
  ['model_correlation', [-1, 1]],
  ['ensemble_correlation', [-1, 1]],
  ['fnc', [-1, 1]],
  ['contribution', [-2, 2]],
  ['max_drawdown', [Number.NEGATIVE_INFINITY, 0]],
  ['turnover', [0, Number.POSITIVE_INFINITY]],
]);

export function assertInRange(name: string, value: unknown): void {
  const [low, high] = metricRanges.get(name) ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const isInRange = typeof value === 'number' && Number.isFinite(value) && value >= low && value <= high;
  assert.ok(isInRange, `${name} is ${String(value)}`);
}
