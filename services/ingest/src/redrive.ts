import { AppendRefused, type LogLookup, type LogReader } from '@crunch-node/eventlog';
import { type CommandHandler, CommandRefused, REDRIVE_COMMAND, readToEnd } from '@crunch-node/service';
import { decodeEvent, FeedRecorded, feedNatsSubject, feeds, type Json, type JsonObject } from '@crunch-node/streams';
import type { FeedWriter } from './feed-writer.ts';

export interface RedriveContext {
  readonly log: LogReader & LogLookup;
  readonly writer: FeedWriter;
  readonly signal: AbortSignal;
  /** called when a record was appended */
  appended(): void;
}

/**
 * The command that appends a corrected record to FEEDS: `{ after, payload }`, the sequence of the dead letter and the
 * message as text. The record keeps its `at` and its id: a repeated command returns the record that is already stored.
 */
export const redriveCommands = (context: RedriveContext): Readonly<Record<string, CommandHandler>> => ({
  [REDRIVE_COMMAND]: async (body) => {
    const { after, event } = requestIn(body);
    const sequence = (await sequenceOf(event, after, context)) ?? (await append(event, context));
    return { event, sequence };
  },
});

function requestIn(body: Json): { readonly after: number; readonly event: FeedRecorded } {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const { after, payload } = (isObject ? body : {}) as JsonObject;
  if (typeof after !== 'number' || !Number.isSafeInteger(after) || after < 0 || typeof payload !== 'string') {
    throw new CommandRefused(422, 'expected { after, payload }: the sequence of a dead letter, and a message as text');
  }
  const decoded = decodeEvent(feeds, Buffer.from(payload));
  if (decoded.kind === 'malformed') throw new CommandRefused(422, `expected a feed record: ${decoded.reason}`);
  if (decoded.kind !== 'event' || decoded.event.type !== FeedRecorded.type) {
    const type = decoded.kind === 'event' ? decoded.event.type : decoded.type;
    throw new CommandRefused(422, `expected a ${FeedRecorded.type} of this version, received ${type}`);
  }
  const { event } = decoded;
  const id = FeedRecorded.idOf(event.data);
  if (event.id !== id) throw new CommandRefused(422, `expected the id ${id}, received ${event.id}`);
  return { after, event };
}

/** Sequence of the record behind the letter; null: it has not been appended. */
async function sequenceOf(
  { id, data }: FeedRecorded,
  after: number,
  { log, writer, signal }: RedriveContext,
): Promise<number | null> {
  await writer.settled();
  const last = await log.last(feeds, feedNatsSubject(data));
  if (last === null || last.sequence <= after) return null;
  for await (const { events } of readToEnd(log, feeds, { after, maxEvents: 5_000, signal })) {
    const found = events.find(({ event }) => event.id === id);
    if (found !== undefined) return found.sequence;
  }
  return null;
}

async function append(event: FeedRecorded, { writer, appended }: RedriveContext): Promise<number> {
  try {
    const sequence = await writer.append(event);
    appended();
    return sequence;
  } catch (error) {
    if (error instanceof AppendRefused || error instanceof RangeError) throw new CommandRefused(422, error.message);
    throw error;
  }
}
