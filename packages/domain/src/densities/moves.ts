/** Price changes over the steps of a horizon, as crunch-synth and condorgame take them from their prices. */

export interface PriceAt {
  /** Unix seconds */
  readonly time: number;
  readonly price: number;
}

/** Of each step the change of the price; null where one price is the nearest to both its ends. */
export type Moves = readonly (number | null)[];

/**
 * The change over each step of `step` seconds from `start`, each end being the price known nearest to it in time, the
 * earlier one of two as near. @param prices in order of time, the last one of a time counts
 */
export function movesOver(prices: readonly PriceAt[], start: number, horizon: number, step: number): Moves {
  const series = prices.filter(({ time }, i) => prices[i + 1]?.time !== time);
  const count = Math.floor(horizon / step);
  const moves: (number | null)[] = [];
  let before = nearestTo(series, start);
  for (let i = 1; i <= count; i++) {
    const here = nearestTo(series, start + i * step);
    moves.push(before === null || here === null || before.time === here.time ? null : here.price - before.price);
    before = here;
  }
  return moves;
}

/** The price known nearest to the end of each step; null where none is known. @param prices in order of time */
export function levelsAt(prices: readonly PriceAt[], start: number, horizon: number, step: number): Moves {
  const series = prices.filter(({ time }, i) => prices[i + 1]?.time !== time);
  return Array.from(
    { length: Math.floor(horizon / step) },
    (_, i) => nearestTo(series, start + (i + 1) * step)?.price ?? null,
  );
}

/** The earlier one of two as near. @param series in order of time */
export function nearestTo(series: readonly PriceAt[], time: number): PriceAt | null {
  let low = 0;
  let high = series.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (series[middle]!.time < time) low = middle + 1;
    else high = middle;
  }
  const before = series[low - 1];
  const after = series[low];
  if (before === undefined || after === undefined) return before ?? after ?? null;
  return time - before.time <= after.time - time ? before : after;
}
