import type { Pairs } from './pairs.ts';

/** Returns of following the sign of each prediction. Zero counts as up. */
export function signedReturns({ x, y }: Pairs): Float64Array {
  const returns = new Float64Array(x.length);
  // Without a branch, which signs make hard to predict.
  for (let i = 0; i < x.length; i++) returns[i] = y[i]! * (2 * Number(x[i]! >= 0) - 1);
  return returns;
}

/** Sum whose error does not grow with the number of terms (Neumaier's variant of Kahan's). */
export function compensatedSum(values: ArrayLike<number>): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return Number.isFinite(lost) ? sum + lost : sum;
}

export const mean = (values: ArrayLike<number>): number => compensatedSum(values) / values.length;
