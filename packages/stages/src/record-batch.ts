import type { Batch } from '@crunch-node/eventlog';
import { putAside } from '@crunch-node/service';
import type { LoopContext } from './loop.ts';

/** Counts what a stage has read of a stream, and puts unreadable messages into DEADLETTERS. */
export async function recordBatch(
  stream: string,
  read: Batch,
  context: LoopContext,
  signal: AbortSignal,
): Promise<void> {
  const { events, malformed, unknown, pending } = read;
  const { name, log, logger, instruments } = context;
  instruments.batch(stream, { events: events.length, malformed: malformed.length, unknown, pending });
  await putAside(stream, malformed, { refusedBy: `stage ${name}`, log, logger, signal });
}
