import { type Instant, instantOfMicros, isInstant, type Observations } from '@crunch-node/streams';

/** When ingest received a record: `ingested_at`, or else the stamp `feed_received_us`; null when it was not measured. */
export function ingestedAt(obs: Observations | undefined): Instant | null {
  const ingestedAt = obs?.ingested_at;
  if (typeof ingestedAt === 'string' && isInstant(ingestedAt)) return ingestedAt;
  const timing = obs?.timing;
  const nested = typeof timing === 'object' && timing !== null && 'feed_received_us' in timing ? timing : undefined;
  const micros = (nested ?? obs)?.feed_received_us;
  return Number.isSafeInteger(micros) ? instantOfMicros(micros as number) : null;
}
