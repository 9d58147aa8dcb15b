import type { Json } from '@crunch-node/streams';
import { ErrorCode, type Msg, NatsError } from 'nats';
import type { Connection } from './connection.ts';
import { NoAnswerInTime, NoResponderError, QuestionTooLarge } from './errors.ts';
import type { Responder } from './log.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Replies to requests on a NATS subject, one at a time, until closed. Resolves when the server has registered the
 * subscription, so that later requests find it.
 */
export async function respondOn(
  { nc, namespace }: Connection,
  natsSubject: string,
  answer: (question: Json) => Promise<Json>,
): Promise<Responder> {
  let previous: Promise<void> = Promise.resolve();
  const answerOne = async (message: Msg): Promise<void> => {
    try {
      const reply = await answer(JSON.parse(decoder.decode(message.data)) as Json);
      message.respond(encoder.encode(JSON.stringify(reply)));
    } catch {
      // Invalid JSON, a reply that cannot be sent, a lost connection: the requester notices by its own time-out.
    }
  };
  const subscription = nc.subscribe(namespace.natsSubject(natsSubject), {
    callback(error, message) {
      if (error === null) previous = previous.then(() => answerOne(message));
    },
  });
  await nc.flush();
  return {
    async close() {
      if (!nc.isClosed()) subscription.unsubscribe();
      await previous;
    },
  };
}

/** @throws {NoResponderError} {NoAnswerInTime} {QuestionTooLarge} */
export async function requestOn(
  connection: Connection,
  natsSubject: string,
  question: Json,
  timeoutMs: number,
): Promise<Json> {
  // The client would buffer a request made while disconnected, and send it after the caller has given up.
  if (!connection.connected) throw new NoResponderError(natsSubject, 'there is no connection to the log');
  const payload = encoder.encode(JSON.stringify(question));
  const maxPayload = connection.generation?.max_payload;
  if (maxPayload !== undefined && payload.length > maxPayload) {
    throw new QuestionTooLarge(natsSubject, payload.length, maxPayload);
  }
  try {
    const message = await connection.nc.request(connection.namespace.natsSubject(natsSubject), payload, {
      timeout: timeoutMs,
    });
    return JSON.parse(decoder.decode(message.data)) as Json;
  } catch (error) {
    if (!(error instanceof NatsError)) throw error;
    if (error.code === ErrorCode.NoResponders) throw new NoResponderError(natsSubject, 'no service listens there');
    throw new NoAnswerInTime(natsSubject, timeoutMs, error);
  }
}
