import type { FeedRecord } from '@crunch-node/domain';
import type { FeedReports, ReplayProvider } from '@crunch-node/feeds';
import { type Instant, secondsBetween } from '@crunch-node/streams';
import { withClosings } from './closing.ts';
import { count, feedPublisher, isSound } from './feed-publisher.ts';
import type { IngestContext } from './ingest-context.ts';

/**
 * Publishes all records of the provider in order, with closings in their place. The provider always starts at its
 * beginning; what the log already holds is skipped. Ends when the data ends and is stored.
 */
export async function runReplay(context: IngestContext<ReplayProvider>, reports: FeedReports): Promise<void> {
  const { provider, writer, config, clock, vitals, signal } = context;
  const publisher = feedPublisher(context, reports);
  const pace = pacer(context);
  const { closedTo } = writer;
  for await (const step of withClosings(sound(provider.records(signal), reports), {
    closedTo,
    cycleSeconds: config.cycle_seconds,
  })) {
    signal.throwIfAborted();
    if (step.kind === 'closing') await publisher.closing(step.bounds);
    else if (step.kind === 'passed') count(vitals, 'passed_records');
    else {
      await pace(step.record.at);
      await publisher.record({ record: step.record, receivedMicros: clock.nowMicros() });
    }
  }
  await writer.settled();
}

/** Waits until an event time is reached, running at the provider's speed from the first requested instant. */
function pacer({ provider, clock, signal }: IngestContext<ReplayProvider>): (at: Instant) => Promise<void> {
  const { speed } = provider;
  let began: { readonly at: Instant; readonly nowMs: number } | undefined;
  return async (at) => {
    if (speed === 'max') return;
    began ??= { at, nowMs: clock.nowMs() };
    const dueMs = began.nowMs + (secondsBetween(began.at, at) * 1000) / speed;
    for (let nowMs = clock.nowMs(); nowMs < dueMs; nowMs = clock.nowMs()) await clock.delay(dueMs - nowMs, signal);
  };
}

async function* sound(records: AsyncIterable<FeedRecord>, reports: FeedReports): AsyncIterable<FeedRecord> {
  for await (const record of records) if (isSound(record, reports)) yield record;
}
