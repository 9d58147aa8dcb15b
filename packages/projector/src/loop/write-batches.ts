import type { Batch, EventLog, Malformed, Recorded } from '@crunch-node/eventlog';
import type { StreamDefinition } from '@crunch-node/streams';
import type { Position } from '../position/position.ts';
import { ApplyFailed, WriteRefused } from './projection-loop-faults.ts';
import type { RowProjection } from './row-projection.ts';

/** Rows that are written at once, and the resulting position of their projection. */
export interface WriteBatch<Written> {
  readonly rows: Written;
  readonly to: Position;
  readonly events: number;
  readonly unknown: number;
  readonly malformed: number;
  /** messages of the stream after these, as the server last reported */
  readonly pending: number;
}

export interface WriteBatchOptions {
  readonly log: EventLog;
  /** nothing after this sequence is handled */
  readonly upTo: number;
  readonly putAside: (malformed: readonly Malformed[]) => Promise<void>;
}

/** Rows of so many bytes of events are written, however few events. */
const FULL_BYTES = 8 * 1024 * 1024;

/**
 * Turns batches into rows to write. A projection that gathers combines the rows of many batches as long as more events
 * are known to follow: small batches are garbage-collected early, and only the rows to be written are kept.
 * @throws {ApplyFailed} after the rows before the event were yielded
 */
export async function* writeBatches<Rows, Written>(
  projection: RowProjection<Rows, Written>,
  batches: AsyncIterable<Batch>,
  from: Position,
  { log, upTo, putAside }: WriteBatchOptions,
): AsyncGenerator<WriteBatch<Written>, void, undefined> {
  const { gathers } = projection;
  let to = from;
  let gathered = gathers?.begin();
  let gatheredBytes = 0;
  let counts = { events: 0, unknown: 0, malformed: 0 };
  for await (const read of batches) {
    const batch = read.lastSequence <= upTo ? read : await cutAt(upTo, read, projection.stream, log);
    if (batch.malformed.length > 0) await putAside(batch.malformed);
    const { applied, end, failed } = apply(projection, batch, to);
    const before = to;
    to = { ...to, ...end, closings: applied.closings };
    counts = {
      events: counts.events + (failed === undefined ? batch.events.length : failed.index),
      unknown: counts.unknown + batch.unknown,
      malformed: counts.malformed + batch.malformed.length,
    };
    try {
      gathered?.add(applied.rows);
    } catch (error) {
      throw new WriteRefused(before, error);
    }
    for (const { bytes = 0 } of batch.events) gatheredBytes += bytes;
    const isOver = failed !== undefined || to.sequence >= upTo || gatheredBytes >= FULL_BYTES;
    if (gathers !== undefined && !isOver && counts.events < gathers.events && batch.pending > 0) continue;
    if (failed === undefined || counts.events > 0)
      yield { rows: gathered?.rows() ?? (applied.rows as unknown as Written), to, ...counts, pending: batch.pending };
    if (failed !== undefined) throw failed.error;
    gathered = gathers?.begin();
    gatheredBytes = 0;
    counts = { events: 0, unknown: 0, malformed: 0 };
  }
  // Rows gathered when the reader was stopped are not written; their events are read again later.
}

/** The part of a batch up to a sequence. */
async function cutAt(upTo: number, batch: Batch, stream: StreamDefinition, log: EventLog): Promise<Batch> {
  return {
    ...batch,
    events: batch.events.filter(({ sequence }) => sequence <= upTo),
    malformed: batch.malformed.filter(({ sequence }) => sequence <= upTo),
    lastSequence: upTo,
    lastMessageId: (await log.messageId(stream, upTo)) ?? '',
  };
}

type Applies<Rows> = Pick<RowProjection<Rows>, 'name' | 'apply'>;

interface Applied<Rows> {
  readonly applied: ReturnType<RowProjection<Rows>['apply']>;
  readonly end: Pick<Position, 'sequence' | 'message_id' | 'event_at'>;
  readonly failed?: { readonly index: number; readonly error: ApplyFailed };
}

/** A whole batch, or the part before an event that cannot be applied. */
function apply<Rows>(projection: Applies<Rows>, batch: Batch, from: Position): Applied<Rows> {
  const event_at = batch.events.at(-1)?.event.at ?? from.event_at ?? null;
  const end = { sequence: batch.lastSequence, message_id: batch.lastMessageId, event_at };
  try {
    return { applied: projection.apply(batch.events, from.closings), end };
  } catch (cause) {
    const index = firstFailing(projection, batch.events, from.closings);
    const { sequence, event } = batch.events[index] as Recorded;
    const error = new ApplyFailed(projection.name, sequence, event.id, cause);
    const before = batch.events.slice(0, index);
    const last = before.at(-1);
    return {
      applied: projection.apply(before, from.closings),
      end: last === undefined ? from : { sequence: last.sequence, message_id: last.event.id, event_at: last.event.at },
      failed: { index, error },
    };
  }
}

/** Index of the first event that cannot be applied after those before it. */
function firstFailing<Rows>(
  projection: Applies<Rows>,
  events: readonly Recorded[],
  closings: Position['closings'],
): number {
  let good = 0;
  let bad = events.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      projection.apply(events.slice(0, middle), closings);
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return bad - 1;
}
