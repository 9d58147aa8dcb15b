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
import { CrunchError } from '@crunch-node/streams/errors';
import type { Logger } from 'pino';

/** As in HTTP: not found, conflict with the state, invalid body, unavailable. */
export type RefusalStatus = 404 | 409 | 422 | 503;

/** A command was not carried out; the reply gives the reason. */
export class CommandRefused extends CrunchError {
  override readonly name = 'CommandRefused';
  override readonly code = 'command_refused';
  readonly status: RefusalStatus;
  constructor(status: RefusalStatus, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** The result of a command: the event that records it, new or from an earlier identical request. */
export interface Accepted {
  readonly event: Event;
  readonly sequence: number;
}

/**
 * Decides a command against the current log and publishes the event with an expected sequence.
 * @param at when the command was received: commands come from outside, where there is a clock
 * @throws {CommandRefused}
 */
export type CommandHandler = (body: Json, at: Instant) => Promise<Accepted>;

type Answer =
  | ({ readonly ok: true } & Accepted)
  | { readonly ok: false; readonly code: RefusalStatus; readonly detail: string };

const addressOf = (name: string): string => `commands.${name}`;

/**
 * Carries out commands, one at a time, until the signal aborts; the holder of a stream's lease runs it concurrently
 * with its loop. An error other than a refusal ends it, since the stage has to reload too; the requester gets a 503.
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
      if (error instanceof CommandRefused) return { ok: false, code: error.status, detail: error.message };
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
 * Sends a command to the holder of a stream's lease.
 * @throws {CommandRefused} also without a responder (503), or without a reply in time (503, possibly carried out)
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

const refusal = (code: RefusalStatus, detail: string): Answer => ({ ok: false, code, detail });

/** Command to ingest, the one writer of FEEDS: append a corrected record, `{ after, payload }`. */
export const REDRIVE_COMMAND = 'feeds.redrive';

/** Query to predict before a round is sent to models: `{ orchestrator_connected, running }`. */
export const MODELS_QUERY = 'queries.models';

/**
 * Publishes the result of a command. When another event came first, the command is decided again against the new state.
 * @param decide called without any lock: reads the current state, returns the event and its expected sequence
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

/** After so many conflicts the process is assumed not to be the owner any more. */
const ATTEMPTS = 3;

/** Runs a loop and its companion concurrently: when one ends, by itself or by a fault, the other is stopped. */
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
