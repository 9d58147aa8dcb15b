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
  const answer = parse(decoder.decode(data));
  if (answer?.error !== undefined) return readRefusal(answer.error);
  if (typeof answer?.seq !== 'number') return null;
  return { kind: 'stored', sequence: answer.seq, duplicate: answer.duplicate === true };
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
