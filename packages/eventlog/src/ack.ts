import type { Msg } from 'nats';
import type { ApiErrorBody } from './link.ts';

/** What the server said to one attempt to store a message. */
export type Ack =
  | { readonly kind: 'stored'; readonly sequence: number; readonly duplicate: boolean }
  /** the expected last sequence of the subject was another */
  | { readonly kind: 'conflict'; readonly reason: string }
  | { readonly kind: 'full'; readonly reason: string }
  /** nobody could say: no stream yet, no leader, shutting down, too busy */
  | { readonly kind: 'transient'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

const decoder = new TextDecoder();

const WRONG_LAST_SEQUENCE: ReadonlySet<number> = new Set([10071, 10164]);
const INSUFFICIENT_RESOURCES: ReadonlySet<number> = new Set([10023, 10047]);
const STORE_FAILED = 10077;

/** Null for an answer that is not a stream's: whoever subscribes to a subject can answer on it. */
export function readAck(message: Msg): Ack | null {
  const { data } = message;
  if (data.length === 0) {
    const status = message.headers;
    return { kind: 'transient', reason: status?.code === 503 ? 'no stream listens' : `it answered ${status?.status}` };
  }
  const sequence = plainSequence(data);
  if (sequence !== null) return { kind: 'stored', sequence, duplicate: false };
  const answer = parse(decoder.decode(data));
  if (answer?.error !== undefined) return readRefusal(answer.error);
  if (typeof answer?.seq !== 'number') return null;
  return { kind: 'stored', sequence: answer.seq, duplicate: answer.duplicate === true };
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
 * The sequence in `{"stream":"…","seq":123}`, which almost every answer is; null for all others. Read from the bytes,
 * since decoding and parsing them takes longer than sending the message did.
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

interface Answer {
  readonly seq?: number;
  readonly duplicate?: boolean;
  readonly error?: ApiErrorBody;
}

function parse(text: string): Answer | null {
  try {
    return JSON.parse(text) as Answer | null;
  } catch {
    return null;
  }
}

function readRefusal({ code, err_code = 0, description = '' }: ApiErrorBody): Ack {
  const reason = `the server answered "${description}" (${err_code || code})`;
  if (WRONG_LAST_SEQUENCE.has(err_code)) return { kind: 'conflict', reason };
  if (INSUFFICIENT_RESOURCES.has(err_code)) return { kind: 'full', reason };
  // One code for all a store can fail with: only its limits mean that there is no room.
  if (err_code === STORE_FAILED) {
    return { kind: /maximum|exceeded|no space/i.test(description) ? 'full' : 'transient', reason };
  }
  return { kind: code === 429 || code >= 500 ? 'transient' : 'refused', reason };
}
