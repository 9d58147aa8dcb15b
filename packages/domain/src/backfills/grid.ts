import type { FeedKey } from '@crunch-node/streams';

const LENGTH = /^([1-9]\d{0,4})([smhd])$/;
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const DAY_SECONDS = 86_400;

/**
 * How far apart the records of a feed are; null when they come as they come. Only lengths that part a day evenly have a
 * grid that starts at midnight: there is no saying where one of 7 minutes begins.
 */
export function gridSecondsOf({ kind, granularity }: Pick<FeedKey, 'kind' | 'granularity'>): number | null {
  if (kind !== 'candle' && kind !== 'kline') return null;
  const [, count, unit = ''] = LENGTH.exec(granularity) ?? [];
  const seconds = Number(count) * (UNITS[unit] ?? Number.NaN);
  return DAY_SECONDS % seconds === 0 ? seconds : null;
}
