import { createHash } from 'node:crypto';
import { canonicalJson } from '@crunch-node/domain';
import { isInstruction, type StoredMessage } from '@crunch-node/eventlog';

/** A message of a segment, one column each. `id`, `type`, `v` and `at` duplicate headers and payload, for queries. */
export interface Row {
  readonly sequence: number;
  /** without the namespace */
  readonly subject: string;
  readonly id: string | null;
  readonly type: string | null;
  readonly v: number | null;
  readonly at: string | null;
  readonly headers: StoredMessage['headers'];
  readonly payload: Uint8Array;
  readonly stored_us: number;
}

export function rowOf({ sequence, natsSubject, headers, payload, stored_us }: StoredMessage): Row {
  // Header instructions to the server are not part of the message.
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !isInstruction(name)));
  const { type, v, at } = envelopeOf(payload);
  return {
    sequence,
    subject: natsSubject,
    id: headers['Nats-Msg-Id']?.[0] ?? null,
    type: typeof type === 'string' ? type : null,
    v: Number.isInteger(v) && Math.abs(v as number) < 2 ** 31 ? (v as number) : null,
    at: typeof at === 'string' ? at : null,
    headers: kept,
    payload,
    stored_us,
  };
}

export const messageOf = ({ sequence, subject, headers, payload, stored_us }: Row): StoredMessage => ({
  sequence,
  natsSubject: subject,
  headers,
  payload,
  stored_us,
});

/** One hash over the content of rows: a line of canonical JSON each, with payloads by their hash. */
export function hashRows(): { add(row: Row): void; digest(): string } {
  const hash = createHash('sha256');
  return {
    add({ payload, stored_us: _, ...row }) {
      const payload_sha256 = createHash('sha256').update(payload).digest('hex');
      hash.update(`${canonicalJson({ ...row, payload_sha256 })}\n`);
    },
    digest: () => hash.digest('hex'),
  };
}

const decoder = new TextDecoder();

/** Nothing is known of a message that is not a valid envelope. */
function envelopeOf(payload: Uint8Array): { readonly type?: unknown; readonly v?: unknown; readonly at?: unknown } {
  try {
    const envelope: unknown = JSON.parse(decoder.decode(payload));
    return typeof envelope === 'object' && envelope !== null ? envelope : {};
  } catch {
    return {};
  }
}
