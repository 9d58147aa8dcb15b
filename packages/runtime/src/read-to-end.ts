import type { Batch, EventLog, ReadOptions } from '@crunch-node/eventlog';
import type { StreamDefinition, StreamEvent } from '@crunch-node/streams';

/**
 * Reads to what is the end of the stream when reading begins, in batches as they arrive: to wait until they are full
 * would cost more than they do. @throws the signal's reason when it aborts first
 */
export async function* readToEnd<S extends StreamDefinition>(
  log: EventLog,
  stream: S,
  options: Partial<ReadOptions> = {},
): AsyncGenerator<Batch<StreamEvent<S>>, void, void> {
  const { after = 0, signal } = options;
  const { lastSequence } = await log.info(stream);
  if (lastSequence <= after) return;
  for await (const batch of log.read(stream, { maxWaitMs: 0, ...options, after })) {
    yield batch;
    if (batch.lastSequence >= lastSequence) return;
  }
  signal?.throwIfAborted();
}

/** What a stream says, in order. For streams that fit into memory. */
export async function eventsIn<S extends StreamDefinition>(log: EventLog, stream: S): Promise<StreamEvent<S>[]> {
  const events: StreamEvent<S>[] = [];
  for await (const batch of readToEnd(log, stream)) for (const { event } of batch.events) events.push(event);
  return events;
}
