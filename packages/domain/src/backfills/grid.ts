import { type FeedKey, spacingSeconds } from '@crunch-node/streams';

const DAY_SECONDS = 86_400;

/**
 * Seconds between the records of a feed; null for records without a grid. Only lengths that divide a day evenly have a
 * grid that starts at midnight: where one of 7 minutes begins is undefined.
 */
export function gridSecondsOf({ kind, granularity }: Pick<FeedKey, 'kind' | 'granularity'>): number | null {
  if (kind !== 'candle' && kind !== 'kline') return null;
  const seconds = spacingSeconds(granularity);
  return seconds !== null && DAY_SECONDS % seconds === 0 ? seconds : null;
}
