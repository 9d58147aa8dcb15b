import type { EventLog } from '@crunch-node/eventlog';
import { CommandRefused, sendCommand } from '@crunch-node/service';
import { allStreams, type Event, type JsonObject } from '@crunch-node/streams';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { WRITTEN } from './plugins/freshness/standing.ts';

/**
 * Sends a command, and gives the client the position of its event, so that it can be read with `min_seq`.
 * @throws {CommandRefused} 503 when this API only reads
 */
export async function command<E extends Event>(
  log: EventLog | undefined,
  name: string,
  body: JsonObject,
  reply: FastifyReply,
): Promise<E> {
  const { event, sequence } = await sendCommand<E>(connected(log), name, body);
  const stream = allStreams.find(({ events }) => events.some(({ type }) => type === event.type));
  if (stream !== undefined) reply.header(WRITTEN, `${stream.name}:${sequence}`);
  return event;
}

export function connected(log: EventLog | undefined): EventLog {
  if (log === undefined) throw new CommandRefused(503, 'this API has no connection to the log: it only reads');
  return log;
}

/** @throws {CommandRefused} 422 when the body is no object */
export function bodyObject(body: unknown): JsonObject {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as JsonObject;
  throw new CommandRefused(422, 'expected the body to be a JSON object');
}

/** Aborted when the server begins to close: requests stop waiting then. */
export function closingSignal(app: FastifyInstance): AbortSignal {
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  // A connection kept alive after the last response would delay the closing of the server.
  app.addHook('onSend', async (_request, reply) => {
    if (closing.signal.aborted) reply.header('connection', 'close');
  });
  return closing.signal;
}
