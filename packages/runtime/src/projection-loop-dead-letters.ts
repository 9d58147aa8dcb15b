import { type EventLog, FencedError, type Malformed } from '@crunch-node/eventlog';
import { deadletters, instantOfMillis, MessageRejected } from '@crunch-node/streams';

/** Room for the envelope, the headers and the reason beside the payload. */
const ENVELOPE_BYTES = 16 * 1024;

/**
 * Puts messages nobody can read aside, as they were. Its id names their place in the log, so saying it again after a
 * crash changes nothing.
 */
export async function putAside(
  log: EventLog,
  stream: string,
  refusedBy: string,
  malformed: readonly Malformed[],
): Promise<void> {
  if (malformed.length === 0) return;
  const publisher = log.publisher();
  try {
    for (const message of malformed) {
      const event = rejected(message, stream, refusedBy, log.capabilities.maxPayload);
      try {
        await publisher.append(deadletters, { event, natsSubject: MessageRejected.natsSubjectOf(event.data) });
      } catch (error) {
        // The server has this id already: another reader, or we before a crash, put the message aside.
        if (!(error instanceof FencedError)) throw error;
      }
    }
  } finally {
    await publisher.close();
  }
}

function rejected(
  { sequence, natsSubject, headers, payload, reason }: Malformed,
  stream: string,
  refusedBy: string,
  maxPayload: number,
): MessageRejected {
  const roomBytes = Math.max(0, Math.floor((maxPayload - ENVELOPE_BYTES) * 0.75)); // base64 is 4/3 as long
  const kept = payload.subarray(0, roomBytes);
  const cut = kept.length < payload.length ? `; only the first ${kept.length} of ${payload.length} bytes kept` : '';
  return MessageRejected.at(instantOfMillis(Date.now()), {
    stream,
    sequence,
    nats_subject: natsSubject,
    headers: Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, [...values]])),
    payload_base64: Buffer.from(kept).toString('base64'),
    reason: reason + cut,
    refused_by: refusedBy,
  });
}
