/**
 * Look-ups for a user who may only request single messages. A mirror of the stream in the same account responds to
 * about half of them, with its own content, which may be old or empty. A response with a message names its stream, one
 * without does not.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Msg } from 'nats';
import { ApiFault, type Connection } from './connection.ts';
import { LogUnavailable } from './errors.ts';
import { MESSAGE_ID } from './headers.ts';
import { microsOf } from './server-time.ts';
import type { Query, Stored } from './stored.ts';

const STREAM = 'Nats-Stream';
/** Several responses without a message are trusted: that all of them came from mirrors is unlikely. */
export const ABSENT_ANSWERS = 16;
const AT_ONCE = 8;
export const PAUSE_MS = 50;
const TRIES = 100;

/** `other`: a response of another stream, or one that does not name its stream. */
export type DirectAnswer = Stored | 'absent' | 'other';

/** @throws {ApiFault} */
export function directAnswer({ headers, data }: Msg, stream: string): DirectAnswer {
  if (headers?.code === 404) return 'absent';
  if (headers === undefined || headers.hasError) {
    throw new ApiFault(stream, { code: headers?.code ?? 0, description: headers?.status ?? 'an unknown answer' });
  }
  if (headers.get(STREAM) !== stream) return 'other';
  return {
    sequence: Number(headers.get('Nats-Sequence')),
    natsSubject: headers.get('Nats-Subject'),
    id: headers.get(MESSAGE_ID),
    payload: data,
    storedUs: microsOf(headers.get('Nats-Time-Stamp')),
  };
}

/** @throws {LogUnavailable} when only mirrors respond {ApiFault} */
export async function findDirectly(connection: Connection, stream: string, query: Query): Promise<Stored | null> {
  const natsSubject = `$JS.API.DIRECT.GET.${stream}`;
  const ask = async (): Promise<DirectAnswer> =>
    directAnswer(await connection.ask(natsSubject, JSON.stringify(query)), stream);
  const begun = performance.now();
  let absent = 0;
  for (let tries = 0; tries < TRIES; tries++) {
    const answers = await Promise.all(Array.from({ length: absent === 0 ? 1 : AT_ONCE }, ask));
    const own = answers.find((answer): answer is Stored => typeof answer === 'object');
    if (own !== undefined) return own;
    absent += answers.filter((answer) => answer === 'absent').length;
    if (absent >= ABSENT_ANSWERS) return null;
    if (tries >= AT_ONCE) await delay(PAUSE_MS);
  }
  throw new LogUnavailable(`${natsSubject} by the stream itself`, Math.round(performance.now() - begun));
}
