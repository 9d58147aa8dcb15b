import type { Batch, ReadableLog, ReadOptions, Recorded, Skipped } from '@crunch-node/eventlog';
import type { StreamDefinition, StreamEvent } from '@crunch-node/streams';

/**
 * Reads to the end the stream has when reading begins, in batches as they arrive: waiting for full batches would take
 * longer.
 * @throws the signal's reason when it aborts first
 */
export async function* readToEnd<S extends StreamDefinition>(
  log: ReadableLog,
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

/** All events of a stream, in order. For streams that fit into memory. */
export async function eventsIn<S extends StreamDefinition>(log: ReadableLog, stream: S): Promise<StreamEvent<S>[]> {
  const events: StreamEvent<S>[] = [];
  for await (const batch of readToEnd(log, stream)) for (const { event } of batch.events) events.push(event);
  return events;
}

/**
 * Reads from a sequence to what is now the end of the stream.
 * @param skip called with unreadable messages, after the events of their batch: they count for expected sequences
 */
export async function readTail(
  log: ReadableLog,
  stream: StreamDefinition,
  after: number,
  signal: AbortSignal,
  handle: (recorded: Recorded) => void,
  skip: (skipped: Skipped) => void = () => undefined,
): Promise<void> {
  for await (const batch of readToEnd(log, stream, { after, maxEvents: 5_000, signal })) {
    for (const recorded of batch.events) handle(recorded);
    for (const skipped of batch.skipped) skip(skipped);
  }
}
