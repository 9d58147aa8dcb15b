import type { ReadableLog } from '@crunch-node/eventlog';
import { readToEnd } from '@crunch-node/service';
import {
  allStreams,
  type DeadletterEvent,
  type Decoded,
  deadletters,
  decodeEvent,
  type Instant,
  type MessageDiscarded,
  type MessageRedriven,
  type MessageRejected,
  type StreamDefinition,
} from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';

/** An unreadable message, and how it was settled. */
export interface Letter {
  /** `dead:<stream>:<sequence>` */
  readonly id: string;
  readonly rejected: MessageRejected;
  /** null while it is open */
  readonly settled: MessageRedriven | MessageDiscarded | null;
}

export type LetterState = 'open' | 'redriven' | 'discarded';

export const stateOf = ({ settled }: Letter): LetterState => {
  if (settled === null) return 'open';
  return settled.type === 'MessageRedriven' ? 'redriven' : 'discarded';
};

/** When it was settled, or published if it is open. */
export const sinceOf = ({ settled, rejected }: Letter): Instant => (settled ?? rejected).at;

/** All letters, in the order they were published. A message read again after a crash may have several: one counts. */
export async function readLetters(log: ReadableLog): Promise<readonly Letter[]> {
  const letters = new Map<string, Letter>();
  for await (const { events } of readToEnd(log, deadletters)) for (const { event } of events) take(letters, event);
  return [...letters.values()];
}

function take(letters: Map<string, Letter>, event: DeadletterEvent): void {
  if (event.type === 'MessageRejected') {
    if (!letters.has(event.id)) letters.set(event.id, { id: event.id, rejected: event, settled: null });
    return;
  }
  const letter = letters.get(event.id.slice(0, event.id.lastIndexOf(':')));
  if (letter !== undefined && letter.settled === null) letters.set(letter.id, { ...letter, settled: event });
}

export class UnknownLetter extends CrunchError {
  override readonly name = 'UnknownLetter';
  override readonly code = 'unknown_letter';
  constructor(id: string, known: readonly Letter[]) {
    const some = known.slice(-5).map((letter) => letter.id);
    super(
      `expected the id of a dead letter (${some.length > 0 ? `such as ${some.join(', ')}` : 'there are none'}), ` +
        `received ${JSON.stringify(id)}; crunch-node deadletters list --all shows them`,
    );
  }
}

/** @throws {UnknownLetter} */
export function letterNamed(letters: readonly Letter[], id: string): Letter {
  const letter = letters.find((candidate) => candidate.id === id);
  if (letter === undefined) throw new UnknownLetter(id, letters);
  return letter;
}

/** The name of the stream in `dead:<stream>:<sequence>`; empty when it is no such id. */
export const streamIn = (id: string): string => id.match(/^dead:([A-Z]+):\d+$/)?.[1] ?? '';

export const payloadOf = ({ rejected }: Letter): Uint8Array => Buffer.from(rejected.data.payload_base64, 'base64');

/** Its original stream, if this code still has it. */
const streamOf = ({ rejected }: Letter): StreamDefinition | undefined =>
  allStreams.find(({ name }) => name === rejected.data.stream);

/** The result of decoding it with the current code. */
export function readAgain(letter: Letter): Decoded {
  const stream = streamOf(letter);
  if (stream === undefined) return { kind: 'malformed', reason: `there is no stream ${letter.rejected.data.stream}` };
  return decodeEvent(stream, payloadOf(letter));
}
