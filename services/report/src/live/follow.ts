import { LogHasGap, type LogLookup, type LogReader, LogWentBackwards } from '@crunch-node/eventlog';
import type { Connection } from './connection.ts';
import { eventFrame, heartbeat } from './frames.ts';
import type { Shared } from './hub.ts';
import { type FrameOf, type Notification, places, type Source } from './notification.ts';

export interface Following<T> {
  readonly log: LogReader & LogLookup;
  readonly source: Source<T>;
  readonly shared: Shared<T>;
  readonly connection: Connection;
  readonly frameOf: FrameOf<T>;
  /** messages of the stream a client that comes back may have missed */
  readonly maxMissed: number;
  /** So many clients read the log by themselves at once. */
  readonly oneOfFew: <R>(work: () => Promise<R>) => Promise<R>;
}

/** A client on its way through a stream. */
export interface Follower {
  alive(): void;
  leave(): void;
}

const BATCH = 200;

/**
 * Sends a client its events, each once and in order: the missed ones by a reader of its own, then those shared by all
 * listeners.
 * @param after the last sequence the client has; undefined: it begins with the newest state
 */
export async function follow<T>(following: Following<T>, after: number | undefined): Promise<Follower> {
  const { source, shared, connection, frameOf } = following;
  let at = after ?? 0;
  const notify = (notification: Notification<T>): void => {
    if (notification.sequence <= at) return;
    at = notification.sequence;
    const frame = frameOf(notification);
    if (frame !== null) connection.push(frame);
  };
  if (after !== undefined) at = await caughtUp(following, after, notify);
  // From here to `listen` nothing is awaited: no event is lost between those kept and those to come.
  if (after === undefined) {
    const newest = source.newestSubject === undefined ? undefined : shared.kept.at(-1);
    if (newest !== undefined) notify(newest);
    at = Math.max(at, shared.position);
  } else for (const notification of shared.kept) notify(notification);
  const leave = shared.listen({
    notify: notify,
    ended: (reason) => connection.end('end', { reason: `${reason}: come back, and go on` }),
  });
  connection.signal.addEventListener('abort', leave, { once: true });
  if (connection.signal.aborted) leave();
  return { alive: () => void connection.push(heartbeat(Math.max(at, shared.position))), leave };
}

/** Reads what was missed up to the oldest event kept for all listeners. @returns the sequence reached */
async function caughtUp<T>(
  following: Following<T>,
  after: number,
  notify: (notification: Notification<T>) => void,
): Promise<number> {
  const { log, source, shared, connection } = following;
  const { lastSequence } = await log.info(source.stream);
  if (after > lastSequence) return restarted(following, `the log ends at ${lastSequence}, before ${after}`);
  if (after >= shared.keptFrom) return after;
  try {
    return await following.oneOfFew(() => readMissed(following, after, notify));
  } catch (error) {
    const isLost = error instanceof LogHasGap || error instanceof LogWentBackwards;
    if (isLost) return restarted(following, error.message);
    if (!connection.signal.aborted)
      connection.end('end', { reason: 'the log cannot be read now: come back, and go on' });
    return after;
  }
}

async function readMissed<T>(
  { log, source, shared, connection, maxMissed }: Following<T>,
  after: number,
  notify: (notification: Notification<T>) => void,
): Promise<number> {
  const isNotified = places(source, null); // what was closed before is not known: no reader goes back for it
  const { signal } = connection;
  let at = after;
  if (signal.aborted) return at;
  for await (const batch of log.read(source.stream, { after, maxEvents: BATCH, maxWaitMs: 0, signal })) {
    for (const { event, sequence } of batch.events) {
      if (!isNotified(event)) continue;
      notify({ sequence, value: await source.valueOf(event), frames: new Map() });
      await connection.taken();
      if (signal.aborted) return sequence;
    }
    at = batch.lastSequence;
    if (at >= shared.keptFrom) return at;
    if (at - after < maxMissed) continue;
    const until = shared.keptFrom;
    connection.push(
      eventFrame('gap', { after: at, until, reason: `more than ${maxMissed} messages were missed` }, until),
    );
    return until;
  }
  return at;
}

/** The position of the client is not of this log, or its events are gone: it begins again with the newest. */
function restarted<T>({ source, shared, connection }: Following<T>, reason: string): number {
  const newest = source.newestSubject === undefined ? undefined : shared.kept.at(-1);
  const from = newest === undefined ? shared.position : newest.sequence - 1;
  connection.push(eventFrame('reset', { reason }, from));
  return from;
}
