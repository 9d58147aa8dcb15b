import {
  FencedError,
  type LogAppender,
  type LogRequests,
  NoAnswerInTime,
  NoResponderError,
  QuestionTooLarge,
  type Responder,
} from '@crunch-node/eventlog';
import {
  type Event,
  type Instant,
  instantOfMicros,
  type Json,
  type JsonObject,
  type StreamDefinition,
} from '@crunch-node/streams';
import type { Logger } from 'pino';

/** As in HTTP: there is no such thing, not in this state, not with this body, nobody can carry it out now. */
export type RefusalCode = 404 | 409 | 422 | 503;

/** A command was not carried out, and the answer says why. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
  readonly code: RefusalCode;
  constructor(code: RefusalCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** What a command came to: the event that says so, now or when it was asked for the first time. */
export interface Accepted {
  readonly event: Event;
  readonly sequence: number;
}

/**
 * Decides a command against what the log says and publishes the event with an expected sequence.
 * @param at when the command came in: commands are from outside, where there is a clock
 * @throws {CommandRefused}
 */
export type CommandHandler = (body: Json, at: Instant) => Promise<Accepted>;

type Answer =
  | ({ readonly ok: true } & Accepted)
  | { readonly ok: false; readonly code: RefusalCode; readonly detail: string };

const addressOf = (name: string): string => `commands.${name}`;

/**
 * Carries out commands, one at a time, until the signal aborts: what the holder of a stream's lease runs beside its
 * loop. A failure that is no refusal ends it, since the stage has to reload too; who asked hears a 503.
 * @param handlers by name: `checkpoints.confirm`
 */
export async function handleCommands(
  handlers: Readonly<Record<string, CommandHandler>>,
  { log, logger, signal }: { readonly log: LogRequests; readonly logger: Logger; readonly signal: AbortSignal },
): Promise<void> {
  let end: (fault?: unknown) => void = () => undefined;
  const ended = new Promise<unknown>((resolve) => {
    end = resolve;
  });
  let previous: Promise<unknown> = Promise.resolve();
  const oneAtATime = <T>(work: () => Promise<T>): Promise<T> => {
    const result = previous.then(work);
    previous = result.catch(() => undefined);
    return result;
  };

  async function answer(name: string, handler: CommandHandler, body: Json): Promise<Answer> {
    try {
      if (signal.aborted) throw new CommandRefused(503, 'the service is stopping');
      return { ok: true, ...(await handler(body, now())) };
    } catch (error) {
      if (error instanceof CommandRefused) return { ok: false, code: error.code, detail: error.message };
      if (!signal.aborted) logger.error({ err: error, command: name }, 'command failed');
      end(error);
      return { ok: false, code: 503, detail: 'the command could not be carried out now: try again' };
    }
  }

  const stop = (): void => end();
  signal.addEventListener('abort', stop, { once: true });
  const responders: Responder[] = [];
  try {
    for (const [name, handler] of Object.entries(handlers)) {
      const respond = (body: Json) => oneAtATime(() => answer(name, handler, body));
      responders.push(await log.respond(addressOf(name), respond as unknown as (body: Json) => Promise<Json>));
    }
    const fault = signal.aborted ? undefined : await ended;
    if (fault !== undefined && !signal.aborted) throw fault;
  } finally {
    signal.removeEventListener('abort', stop);
    await Promise.all(responders.map((responder) => responder.close()));
  }
}

/**
 * Asks the holder of a stream's lease to carry out a command.
 * @throws {CommandRefused} also when nobody is there (503), or does not answer in time (503, perhaps carried out)
 */
export async function sendCommand<E extends Event = Event>(
  log: LogRequests,
  name: string,
  body: JsonObject,
  { timeoutMs = 10_000 }: { readonly timeoutMs?: number } = {},
): Promise<{ readonly event: E; readonly sequence: number }> {
  const answer = await ask(log, name, body, timeoutMs);
  if (!answer.ok) throw new CommandRefused(answer.code, answer.detail);
  return { event: answer.event as E, sequence: answer.sequence };
}

async function ask(log: LogRequests, name: string, body: JsonObject, timeoutMs: number): Promise<Answer> {
  try {
    return (await log.request(addressOf(name), body, timeoutMs)) as unknown as Answer;
  } catch (error) {
    if (error instanceof QuestionTooLarge) return refusal(422, error.message);
    if (error instanceof NoResponderError) return refusal(503, `nobody is there to carry out ${name}: try again`);
    if (error instanceof NoAnswerInTime) return refusal(503, `no answer to ${name} in time: look, then try again`);
    throw error;
  }
}

const refusal = (code: RefusalCode, detail: string): Answer => ({ ok: false, code, detail });

/** Asks ingest, the one writer of FEEDS, to append a corrected record: `{ after, payload }`. */
export const REDRIVE_COMMAND = 'feeds.redrive';

/** Asked of predict before a round is asked of models: `{ orchestrator_connected, running }`. */
export const MODELS_QUERY = 'queries.models';

/**
 * Publishes what a command came to. A command that was overtaken is decided again, against what is said now.
 * @param decide called with nothing held: reads the current state, answers the event and what it must follow
 */
export async function decideAndPublish(
  log: LogAppender,
  stream: StreamDefinition,
  decide: () => Promise<Accepted | { readonly event: Event; readonly natsSubject: string; readonly after: number }>,
): Promise<Accepted> {
  for (let attempt = 1; ; attempt++) {
    const decided = await decide();
    if ('sequence' in decided) return decided;
    const { event, natsSubject, after } = decided;
    const publisher = log.publisher();
    try {
      const { sequence } = await publisher.append(stream, { event, natsSubject, expectedLastSequence: after });
      return { event, sequence };
    } catch (error) {
      if (!(error instanceof FencedError) || attempt === ATTEMPTS) throw error;
    } finally {
      await publisher.close();
    }
  }
}

/** Whoever is overtaken that often is not the owner any more. */
const ATTEMPTS = 3;

/** Runs a loop and what belongs to it side by side: when one ends, by itself or by a fault, the other is stopped. */
export async function together(
  signal: AbortSignal,
  works: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const ending = new AbortController();
  const running = AbortSignal.any([signal, ending.signal]);
  const tasks = works.map((work) => work(running).finally(() => ending.abort()));
  const results = await Promise.allSettled(tasks);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

const now = (): Instant => instantOfMicros(Math.floor((performance.timeOrigin + performance.now()) * 1000));
