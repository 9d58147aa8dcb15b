/** Server-sent events as bytes: https://html.spec.whatwg.org/multipage/server-sent-events.html */

/** How long a client waits before it comes back. */
const RETRY_MS = 2_000;

export const opening = Buffer.from(`retry: ${RETRY_MS}\n\n`);

/** JSON has no line breaks of its own, so that the data is one line. */
export const eventFrame = (event: string, data: unknown, id?: number): Buffer =>
  Buffer.from(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`);

/** Keeps the connection alive, and moves the place a client comes back to past what does not concern it. */
export const heartbeat = (id: number): Buffer => Buffer.from(`: alive\nid: ${id}\n\n`);
