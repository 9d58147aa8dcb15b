import { spacingSeconds } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';

/** Only lengths whose grid starts at the epoch: weeks and months do not. */
export const knownGranularities: readonly string[] = [
  '1s',
  '1m',
  '3m',
  '5m',
  '15m',
  '30m',
  '1h',
  '2h',
  '4h',
  '6h',
  '8h',
  '12h',
  '1d',
];
/** Computed once, since it is needed for every record. */
const seconds = new Map(knownGranularities.map((granularity) => [granularity, spacingSeconds(granularity)]));

export class UnknownGranularity extends CrunchError {
  override readonly name = 'UnknownGranularity';
  override readonly code = 'unknown_granularity';
  readonly granularity: string;
  constructor(granularity: string) {
    super(`expected a granularity of ${knownGranularities.join(', ')}, received ${JSON.stringify(granularity)}`);
    this.granularity = granularity;
  }
}

export const isGranularity = (granularity: string): boolean => seconds.has(granularity);

/** @throws {UnknownGranularity} rather than guess a length: every window, horizon and staleness depends on it */
export function granularitySeconds(granularity: string): number {
  const length = seconds.get(granularity);
  if (length === undefined || length === null) throw new UnknownGranularity(granularity);
  return length;
}
