import type { Msg } from 'nats';
import { type Declined, kindOf } from './answers.ts';
import type { ApiErrorBody } from './connection.ts';

/** The server's response to one attempt to store a message. */
export type Ack =
  | { readonly kind: 'stored'; readonly sequence: number; readonly duplicate: boolean }
  | { readonly kind: Declined; readonly reason: string };

const decoder = new TextDecoder();

const pending = (reason: string): Ack => ({ kind: 'pending', reason });

/** Null for a response that is not from a stream: any subscriber of a subject can respond on it. */
export function readAck(message: Msg): Ack | null {
  const { data } = message;
  if (data.length === 0) {
    const status = message.headers;
    return { kind: 'transient', reason: status?.code === 503 ? 'no stream listens' : `it answered ${status?.status}` };
  }
  const sequence = plainSequence(data);
  if (sequence !== null) return storedAt(sequence, false);
  const answer = parse(decoder.decode(data));
  if (typeof answer?.error?.code === 'number') return declined(answer.error);
  if (!Number.isSafeInteger(answer?.seq)) return null;
  return storedAt(answer!.seq!, answer!.duplicate === true);
}

/**
 * Sequences begin at 1. With three replicas, 2.10 responds with sequence 0 to a duplicate while the first attempt has
 * no majority yet, and, for the whole duplicate window, after it has refused the first attempt.
 */
const storedAt = (sequence: number, duplicate: boolean): Ack =>
  sequence > 0
    ? { kind: 'stored', sequence, duplicate }
    : pending(`the server answered sequence ${sequence}, which is no place in a stream`);

function declined(error: ApiErrorBody): Ack {
  const { code, err_code = 0, description = '' } = error;
  return { kind: kindOf(error), reason: `the server answered "${description}" (${err_code || code})` };
}

const [QUOTE, COLON, BRACE, LETTER_S, LETTER_E, LETTER_Q, ZERO, NINE] = [...'":}seq09'].map((c) => c.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];

/**
 * The sequence in `{"stream":"…","seq":123}`, the form of almost every response; null for all others. Read from the
 * bytes, since decoding and parsing them takes longer than sending the message did.
 */
function plainSequence(bytes: Uint8Array): number | null {
  const end = bytes.length - 1;
  if (bytes[end] !== BRACE || bytes[2] !== LETTER_S) return null;
  let sequence = 0;
  let place = 1;
  let at = end - 1;
  for (; bytes[at]! >= ZERO && bytes[at]! <= NINE; at--) {
    sequence += (bytes[at]! - ZERO) * place;
    place *= 10;
  }
  const isSequence =
    place > 1 &&
    bytes[at] === COLON &&
    bytes[at - 1] === QUOTE &&
    bytes[at - 2] === LETTER_Q &&
    bytes[at - 3] === LETTER_E &&
    bytes[at - 4] === LETTER_S &&
    bytes[at - 5] === QUOTE;
  return isSequence ? sequence : null;
}

interface Body {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: ApiErrorBody | null;
}

function parse(text: string): Body | null {
  try {
    return JSON.parse(text) as Body | null;
  } catch {
    return null;
  }
}
