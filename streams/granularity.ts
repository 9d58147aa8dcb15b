const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/**
 * Seconds between two records of a feed's granularity: `1s`, `5m`, `1h`, `1d`. Null for granularities without fixed
 * spacing, such as ticks, and for other texts; the caller decides what that implies.
 */
export function spacingSeconds(granularity: string): number | null {
  const [, count, unit = ''] = /^([1-9]\d{0,6})([smhd])$/.exec(granularity) ?? [];
  const seconds = UNIT_SECONDS[unit];
  return count === undefined || seconds === undefined ? null : Number(count) * seconds;
}
