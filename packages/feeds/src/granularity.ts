/** Length of a feed's grid. Only lengths whose grid starts at the epoch: weeks and months do not. */
const SECONDS: Readonly<Record<string, number>> = {
  '1s': 1,
  '1m': 60,
  '3m': 180,
  '5m': 300,
  '15m': 900,
  '30m': 1_800,
  '1h': 3_600,
  '2h': 7_200,
  '4h': 14_400,
  '6h': 21_600,
  '8h': 28_800,
  '12h': 43_200,
  '1d': 86_400,
};

export const knownGranularities: readonly string[] = Object.keys(SECONDS);

export class UnknownGranularity extends Error {
  override readonly name = 'UnknownGranularity';
  readonly granularity: string;
  constructor(granularity: string) {
    super(`expected a granularity of ${knownGranularities.join(', ')}, received ${JSON.stringify(granularity)}`);
    this.granularity = granularity;
  }
}

export const isGranularity = (granularity: string): boolean => Object.hasOwn(SECONDS, granularity);

/** @throws {UnknownGranularity} rather than guess a length: every window, horizon and staleness depends on it */
export function granularitySeconds(granularity: string): number {
  const seconds = isGranularity(granularity) ? SECONDS[granularity] : undefined;
  if (seconds === undefined) throw new UnknownGranularity(granularity);
  return seconds;
}
