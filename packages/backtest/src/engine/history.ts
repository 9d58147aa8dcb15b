import type { CrunchConfig, FeedRecord } from '@crunch-node/domain';
import { createProvider, type FeedReports, faultOf } from '@crunch-node/feeds';
import { withClosings } from '@crunch-node/ingest';
import { addSeconds, type Closing, FeedRecorded, FeedsCycleClosed, feedKeyText } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';

export type HistoryStep =
  | { readonly kind: 'record'; readonly event: FeedRecorded }
  | { readonly kind: 'closing'; readonly event: Closing };

/** A feed whose past is not at hand. */
export class NoHistory extends CrunchError {
  override readonly name = 'NoHistory';
  override readonly code = 'no_history';
}

/** Records of a feed that has a past, in order. @throws {NoHistory} for a live one */
export function recordsOf(config: CrunchConfig, reports?: FeedReports): AsyncIterable<FeedRecord> {
  const provider = createProvider(config.feed, reports);
  if (provider.pace !== 'replay') {
    throw new NoHistory(
      `expected a feed that replays its past, received ${provider.name}: name recorded data with --data, or an archive with --archive`,
    );
  }
  return provider.records();
}

/** The events ingest publishes of records in replay pace: valid records, with closings in their place. */
export async function* historyOf(
  config: CrunchConfig,
  configHash: string,
  records: AsyncIterable<FeedRecord>,
  reports?: FeedReports,
): AsyncIterable<HistoryStep> {
  const ttlDays = config.feed.record_ttl_days;
  for await (const step of withClosings(sound(records, reports), {
    closedTo: null,
    cycleSeconds: config.cycle_seconds,
  })) {
    if (step.kind === 'record') {
      const { at, ...data } = step.record;
      yield { kind: 'record', event: FeedRecorded.at(at, data) };
    } else if (step.kind === 'closing') {
      const { start, end } = step.bounds;
      const kept = ttlDays === undefined ? {} : { records_kept_from: addSeconds(end, -ttlDays * 86_400) };
      yield { kind: 'closing', event: FeedsCycleClosed.at(end, { start, end, config_hash: configHash, ...kept }) };
    }
  }
}

async function* sound(records: AsyncIterable<FeedRecord>, reports?: FeedReports): AsyncIterable<FeedRecord> {
  for await (const record of records) {
    const fault = faultOf(record);
    if (fault === null) yield record;
    else reports?.rejected({ ...fault, origin: feedKeyText(record) });
  }
}
