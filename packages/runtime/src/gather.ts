import type { Batch } from '@crunch-node/eventlog';

/**
 * Puts small batches together to large ones, as long as more is known to come. What a reader holds is gone sooner than
 * with large batches of its own: its messages are larger than the events in them, and die young.
 */
export async function* gather(batches: AsyncIterable<Batch>, events: number): AsyncGenerator<Batch, void, undefined> {
  let gathered: Batch | undefined;
  for await (const batch of batches) {
    gathered = gathered === undefined ? batch : joined(gathered, batch);
    if (gathered.events.length < events && batch.pending > 0) continue;
    yield gathered;
    gathered = undefined;
  }
  // What was gathered when the reader was stopped is read again by whoever goes on.
}

function joined(before: Batch, after: Batch): Batch {
  return {
    ...after,
    events: before.events.concat(after.events),
    malformed: before.malformed.concat(after.malformed),
    unknown: before.unknown + after.unknown,
  };
}
