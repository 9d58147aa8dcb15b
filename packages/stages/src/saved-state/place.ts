import type { LogLookup } from '@crunch-node/eventlog';
import type { JsonObject, StreamDefinition } from '@crunch-node/streams';

/** How far a stream was read, with enough detail to notice a recreated stream or one with a different history. */
export interface Place {
  readonly stream: string;
  /** identity of the stream */
  readonly created: string;
  /** sequence of the last message taken; 0: none yet */
  readonly sequence: number;
  /** of that message */
  readonly message_id: string;
  /** when the server stored it; 0: unknown, as for a message just published */
  readonly stored_us: number;
}

/** Whether the stream still holds the same message there. A log restored from a copy may have continued differently. */
export async function isUnchanged(log: LogLookup, stream: StreamDefinition, place: Place): Promise<boolean> {
  const { created, lastSequence } = await log.info(stream);
  if (created !== place.created || lastSequence < place.sequence) return false;
  if (place.sequence === 0) return true;
  const stored = await log.storedAt(stream, place.sequence);
  return stored !== null && stored.message_id === place.message_id && [0, stored.stored_us].includes(place.stored_us);
}

export const arePlaces = (value: unknown): value is Readonly<Record<string, Place>> =>
  typeof value === 'object' && value !== null && Object.values(value).every(isPlace);

/** The form in which it is saved. */
export const asJson = (places: Readonly<Record<string, Place>>): JsonObject =>
  Object.fromEntries(Object.entries(places).map(([address, { ...place }]) => [address, place]));

const isPlace = (value: unknown): value is Place =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Place).stream === 'string' &&
  typeof (value as Place).created === 'string' &&
  Number.isSafeInteger((value as Place).sequence);
