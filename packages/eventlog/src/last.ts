import { decodeEvent, type StreamDefinition, type StreamEvent } from '@crunch-node/streams';
import type { Connection } from './connection.ts';
import { UnreadableMessage } from './errors.ts';
import type { Recorded } from './log.ts';
import type { Lookups } from './lookups.ts';
import type { Stored } from './stored.ts';

/** How far back the first look-up goes past a message that is no event; each further one goes four times as far. */
const FIRST_STEP = 64;

/** Where to look up: names and subjects with the namespace, and the stream's name without it. */
export interface Address {
  readonly stream: string;
  readonly natsSubject: string;
  readonly bare: string;
}

/**
 * The last event on a subject. Messages that are no events of the stream are skipped, as readers skip them.
 * @throws {UnreadableMessage} when it is of a later version of a known type: an earlier event would not be the last one
 * of its writer
 */
export async function lastEvent<S extends StreamDefinition>(
  lookups: Lookups,
  definition: S,
  address: Address,
): Promise<Recorded<StreamEvent<S>> | null> {
  const { stream, natsSubject, bare } = address;
  const newest = await lookups.lastMessage(stream, natsSubject);
  if (newest === null) return null;
  const event = eventIn(definition, bare, newest);
  if (event !== null) return event;
  for (let step = FIRST_STEP; ; step *= 4) {
    const start = Math.max(1, newest.sequence - step);
    let found: Recorded<StreamEvent<S>> | null = null;
    for (let from = start; from < newest.sequence; ) {
      const stored = await lookups.messageFrom(stream, from, natsSubject);
      if (stored === null || stored.sequence >= newest.sequence) break;
      found = eventIn(definition, bare, stored) ?? found;
      from = stored.sequence + 1;
    }
    if (found !== null || start === 1) return found;
  }
}

/**
 * The first event at or after a sequence. Messages that are no events are skipped.
 * @param natsSubjects a pattern, without the namespace
 * @throws {UnreadableMessage}
 */
export async function nextEvent<S extends StreamDefinition>(
  { namespace }: Connection,
  lookups: Lookups,
  definition: S,
  natsSubjects: string,
  fromSequence: number,
): Promise<Recorded<StreamEvent<S>> | null> {
  const prefix = namespace.natsSubject('').length;
  const [stream, pattern] = [namespace.streamName(definition.name), namespace.natsSubject(natsSubjects)];
  for (let from = fromSequence; ; ) {
    const stored = await lookups.messageFrom(stream, from, pattern);
    if (stored === null) return null;
    const event = eventIn(definition, stored.natsSubject.slice(prefix), stored);
    if (event !== null) return event;
    from = stored.sequence + 1;
  }
}

function eventIn<S extends StreamDefinition>(
  definition: S,
  natsSubject: string,
  { payload, sequence }: Stored,
): Recorded<StreamEvent<S>> | null {
  const decoded = decodeEvent(definition, payload);
  if (decoded.kind === 'event') return { event: decoded.event, obs: decoded.obs, sequence, natsSubject };
  if (decoded.kind === 'malformed' || !definition.events.some(({ type }) => type === decoded.type)) return null;
  throw new UnreadableMessage(definition.name, sequence, `its type is ${decoded.type} version ${decoded.v}`);
}
