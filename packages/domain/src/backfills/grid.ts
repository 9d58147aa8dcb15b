import { type FeedKey, spacingSeconds } from '@crunch-node/streams';

const DAY_SECONDS = 86_400;

/**
 * How far apart the records of a feed are; null when they come as they come. Only lengths that part a day evenly have a
 * grid that starts at midnight: there is no saying where one of 7 minutes begins.
 */
export function gridSecondsOf({ kind, granularity }: Pick<FeedKey, 'kind' | 'granularity'>): number | null {
  if (kind !== 'candle' && kind !== 'kline') return null;
  const seconds = spacingSeconds(granularity);
  return seconds !== null && DAY_SECONDS % seconds === 0 ? seconds : null;
}
