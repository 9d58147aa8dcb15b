import type { PreFeedUpdateHook } from '@crunch-node/domain';
import type { JsonObject } from '@crunch-node/streams';

interface Point {
  readonly ts: number;
  readonly close?: number;
  readonly price?: number;
}

/**
 * Input of `tick` for the trackers of crunch-synth and condorgame: `{ BTC: [[seconds, price], …] }`, each price at the
 * time it was known, the close of a candle when it closed.
 * @param recordSeconds length of a candle; 0 for ticks
 */
export const trackerInput =
  (recordSeconds: number): PreFeedUpdateHook =>
  (input: JsonObject) => {
    const points = (input.candles_1m ?? input.ticks ?? []) as unknown as readonly Point[];
    return {
      [String(input.symbol)]: points.map(({ ts, close, price }) => [ts + recordSeconds, close ?? price ?? 0]),
    };
  };

/** Input of a tracker of birdgame: the newest position of the dove, and its time. */
export const birdInput: PreFeedUpdateHook = (input) => {
  const points = (input.ticks ?? input.candles_1m ?? []) as unknown as readonly Point[];
  const last = points.at(-1);
  return { time: last?.ts ?? 0, dove_location: last?.price ?? last?.close ?? 0 };
};
