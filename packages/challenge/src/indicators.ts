/** Statistics over prices, oldest first. All of them are 0 where there are too few prices. */

export const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** Standard deviation of the whole population. */
export function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}

/** Returns from one price to the next. */
export const returns = (prices: readonly number[]): number[] =>
  prices.slice(1).map((price, index) => {
    const before = prices[index];
    return before === undefined || before === 0 ? 0 : price / before - 1;
  });

/** Return over the last `steps` steps. */
export function change(prices: readonly number[], steps: number): number {
  const last = prices.at(-1);
  const first = prices.at(-1 - steps);
  return last === undefined || first === undefined || first === 0 ? 0 : last / first - 1;
}

/** Squeezes any number into (−1, 1), nearly unchanged around 0. There is only one zero: JSON has no other. */
export const squash = (value: number): number => Math.tanh(value) + 0;

/** `numerator / denominator`, or 0 when the denominator is not positive. */
export const ratio = (numerator: number, denominator: number): number =>
  denominator > 0 ? numerator / denominator : 0;

/** Steps of one minute that fit into a horizon, at least one. */
export const minutes = (seconds: number): number => Math.max(1, Math.round(seconds / 60));
