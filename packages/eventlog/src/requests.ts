import type { Json } from '@crunch-node/streams';
import { ErrorCode, type Msg, NatsError } from 'nats';
import type { Connection } from './connection.ts';
import { NoAnswerInTime, NoResponderError, QuestionTooLarge } from './errors.ts';
import type { Responder } from './log.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Answers what is asked on a NATS subject, one question after the other, until closed. Resolves when the server knows
 * of it, so that a question asked after that finds somebody.
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
      // No JSON, an answer that cannot be sent, a connection that is gone: who asked is told by its own time-out.
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
  // The client would keep a question asked while disconnected, and ask it when nobody waits any more.
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
