const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Seconds between two records of a feed: `1s`, `5m`, `1h`, `1d`. Ticks come whenever they come: the least, a second. */
export function granularitySeconds(granularity: string): number {
  const match = /^([1-9]\d*)([smhd])$/.exec(granularity);
  return match === null ? 1 : Number(match[1]) * UNIT_SECONDS[match[2] as keyof typeof UNIT_SECONDS];
}
