import { createHash } from 'node:crypto';

/**
 * W3C trace context of events, carried in headers only. A trace covers what one feed record (or tournament round)
 * caused; its id and the ids of its spans are hashes of event ids, so an event published again after a crash is in the
 * same trace, and the trace of a known record can be computed.
 */
const VERSION = '00';
const SAMPLED = '01';
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

const hashOf = (text: string, hexDigits: number): string =>
  createHash('sha256').update(text).digest('hex').slice(0, hexDigits);

/** The context of an event without a cause in the log. */
export const beginTrace = (eventId: string): string =>
  `${VERSION}-${hashOf(`trace:${eventId}`, 32)}-${spanOf(eventId)}-${SAMPLED}`;

/** The context of an event caused by another one: same trace, a span of its own. Undefined when the cause has none. */
export function continueTrace(cause: string | undefined, eventId: string): string | undefined {
  const traceId = traceIdOf(cause);
  return traceId === undefined ? undefined : `${VERSION}-${traceId}-${spanOf(eventId)}-${SAMPLED}`;
}

export const traceIdOf = (traceparent: string | undefined): string | undefined =>
  traceparent === undefined ? undefined : TRACEPARENT.exec(traceparent)?.[1];

const spanOf = (eventId: string): string => hashOf(eventId, 16);
