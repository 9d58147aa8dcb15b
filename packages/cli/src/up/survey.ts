import type { CrunchConfig } from '@crunch-node/domain';
import { createProvider } from '@crunch-node/feeds';
import type { Instant } from '@crunch-node/streams';

/** How much history there is. */
export interface Survey {
  readonly records: number;
  readonly first: Instant | null;
  readonly last: Instant | null;
}

/** Reads a replay once without publishing anything, so that a progress bar knows its end. */
export async function surveyReplay(config: CrunchConfig, signal: AbortSignal): Promise<Survey | null> {
  const provider = createProvider(config.feed);
  if (provider.pace !== 'replay') return null;
  let records = 0;
  let first: Instant | null = null;
  let last: Instant | null = null;
  for await (const { at } of provider.records(signal)) {
    records += 1;
    first ??= at;
    last = at;
  }
  return { records, first, last };
}
