import { setMaxListeners } from 'node:events';
import type { LogLookup, LogReader } from '@crunch-node/eventlog';
import type { Logger } from '@crunch-node/service';
import { type Notification, newestClosed, places, type Source } from './notification.ts';

export interface Listener<T> {
  notify(notification: Notification<T>): void;
  /** called when no more events come */
  ended(reason: string): void;
}

/** The one reader of a stream in this process, and the last events it has read. */
export interface Shared<T> {
  /** everything up to this sequence was sent */
  readonly position: number;
  /** all events to be sent after this sequence are in `kept` */
  readonly keptFrom: number;
  readonly kept: readonly Notification<T>[];
  /** @returns stops listening */
  listen(listener: Listener<T>): () => void;
}

export interface Hub<T> {
  /** Begins to read if no reader is running. @throws when the log is away */
  join(): Promise<Shared<T>>;
  stop(): void;
}

/** How long reading continues without listeners: people reload pages. */
const LINGER_MS = 10_000;

/** One reader of a stream for all listeners of this process, while there are any. */
export function createHub<T>(log: LogReader & LogLookup, source: Source<T>, logger: Logger): Hub<T> {
  let shared: Promise<Shared<T> & { stop(): void }> | undefined;
  const forget = (ended: typeof shared): void => {
    if (shared === ended) shared = undefined;
  };
  return {
    join() {
      if (shared === undefined) {
        const started = begin(log, source, logger, () => forget(started));
        started.catch(() => forget(started));
        shared = started;
      }
      return shared;
    },
    stop() {
      shared?.then(
        ({ stop }) => stop(),
        () => undefined,
      );
    },
  };
}

async function begin<T>(log: LogReader & LogLookup, source: Source<T>, logger: Logger, onEnd: () => void) {
  const { stream, newestSubject } = source;
  const isNotified = places(source, await newestClosed(log, source));
  const { lastSequence: after } = await log.info(stream);
  const newest = newestSubject === undefined ? undefined : await log.last(stream, newestSubject);
  const listeners = new Set<Listener<T>>();
  const reading = new AbortController();
  setMaxListeners(0, reading.signal);
  const kept: Notification<T>[] = [];
  let keptFrom = after;
  let position = after;
  let lingering: NodeJS.Timeout | undefined;
  // Where the newest state is complete by itself, no other event between it and here matters.
  if (newest === null) keptFrom = 0;
  else if (newest !== undefined && newest.sequence <= after) {
    kept.push({ sequence: newest.sequence, value: await source.valueOf(newest.event), frames: new Map() });
    keptFrom = newest.sequence - 1;
  }

  const stop = (): void => reading.abort();
  const linger = (): void => {
    clearTimeout(lingering);
    if (listeners.size > 0) return;
    lingering = setTimeout(stop, LINGER_MS);
    lingering.unref();
  };

  async function follow(): Promise<void> {
    for await (const batch of log.read(stream, { after, maxWaitMs: 0, signal: reading.signal })) {
      for (const { event, sequence } of batch.events) {
        if (!isNotified(event)) continue;
        const notification: Notification<T> = { sequence, value: await source.valueOf(event), frames: new Map() };
        kept.push(notification);
        if (kept.length > source.kept) keptFrom = kept.shift()!.sequence;
        for (const listener of listeners) listener.notify(notification);
      }
      position = batch.lastSequence;
    }
  }

  function end(reason: string): void {
    clearTimeout(lingering);
    onEnd();
    for (const listener of [...listeners]) listener.ended(reason);
  }
  follow().then(
    () => end('the log is no longer read here'),
    (error: Error) => {
      logger.error({ err: error, stream: stream.name }, 'live events ended');
      end('the log does not go on where it was');
    },
  );

  linger();
  return {
    get position() {
      return position;
    },
    get keptFrom() {
      return keptFrom;
    },
    kept,
    listen(listener: Listener<T>) {
      listeners.add(listener);
      clearTimeout(lingering);
      return () => {
        listeners.delete(listener);
        linger();
      };
    },
    stop,
  };
}
