import type { LogLookup, LogReader, Recorded, Skipped } from '@crunch-node/eventlog';
import { readTail } from '@crunch-node/service';
import { isClosing, type StreamDefinition } from '@crunch-node/streams';

/** A writer of a stream: the subjects it alone may write, and the subject of its closings. */
export interface Writership {
  readonly stream: StreamDefinition;
  readonly closingSubject: string;
  owns(natsSubject: string): boolean;
}

/** What a writer published before it was interrupted: its last closing, and everything after it. */
export interface PublishedTail {
  readonly lastClosing: Recorded | null;
  /** ids published in the cycle that is still open */
  readonly published: ReadonlySet<string>;
  /** last sequence per subject within the tail, also of unreadable messages */
  readonly lastSequences: ReadonlyMap<string, number>;
}

/** Reads the published tails of several writers of one stream in a single pass over the tail. */
export async function readPublishedTails(
  log: LogReader & LogLookup,
  writers: readonly Writership[],
  signal: AbortSignal,
): Promise<PublishedTail[]> {
  const [first] = writers;
  if (first === undefined) return [];
  const closings = await Promise.all(writers.map((writer) => log.last(writer.stream, writer.closingSubject)));
  const boxes = writers.map((writer, i) => ({
    writer,
    lastClosing: closings[i] ?? null,
    after: closings[i]?.sequence ?? 0,
    published: new Set<string>(),
    lastSequences: new Map<string, number>(),
  }));
  for (const box of boxes) if (box.lastClosing) box.lastSequences.set(box.writer.closingSubject, box.after);
  const take = (recorded: Recorded): void => {
    for (const box of boxes) {
      if (recorded.sequence <= box.after || !box.writer.owns(recorded.natsSubject)) continue;
      if (!isClosing(recorded.event)) box.published.add(recorded.event.id);
      advanceTo(box.lastSequences, recorded);
    }
  };
  const skip = (skipped: Skipped): void => {
    for (const box of boxes) {
      if (skipped.sequence > box.after && box.writer.owns(skipped.natsSubject)) advanceTo(box.lastSequences, skipped);
    }
  };
  await readTail(log, first.stream, Math.min(...boxes.map(({ after }) => after)), signal, take, skip);
  return boxes.map(({ lastClosing, published, lastSequences }) => ({ lastClosing, published, lastSequences }));
}

/** A batch lists events before skipped messages: the higher sequence counts. */
function advanceTo(lastSequences: Map<string, number>, { natsSubject, sequence }: Skipped): void {
  lastSequences.set(natsSubject, Math.max(sequence, lastSequences.get(natsSubject) ?? 0));
}
