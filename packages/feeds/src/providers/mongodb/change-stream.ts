import { millisOf } from '@crunch-node/streams';
import type { ChangeStream, ChangeStreamDocument, Collection } from 'mongodb';
import { type FollowContext, followPages, type PageFollower, persist, type Times } from '../../rows/index.ts';
import type { Connection } from './connection.ts';
import { documentRow, subjectOf } from './document.ts';
import type { CollectionSettings } from './settings.ts';

/** The server responds at least this often, so that closed candles and stops are noticed. */
const MAX_AWAIT_MS = 1_000;

export interface ChangeStreamContext extends FollowContext {
  readonly settings: CollectionSettings;
  readonly connection: Connection;
  readonly times: Times;
}

/**
 * Inserts as they happen. Each time a stream is open, what was inserted before is read from the collection first, so
 * neither a reconnect nor a restart needs the server to remember anything. A document is fetched when there is room:
 * until then it waits on the server.
 */
export async function followInserts(context: ChangeStreamContext): Promise<void> {
  const { connection, signal } = context;
  const follower = followPages(context);
  await persist(context, 'the change stream', () =>
    connection.use(async (collection) => {
      const stream = openStream(collection, context);
      const stop = (): void => void stream.close().catch(() => undefined);
      signal.addEventListener('abort', stop, { once: true });
      try {
        // The first response proves that the stream is open: only then can nothing fall between it and the fill.
        const first = await stream.tryNext();
        await follower.fill();
        await pump(stream, first, follower, context);
      } finally {
        signal.removeEventListener('abort', stop);
        stop();
      }
    }, signal),
  );
}

function openStream(collection: Collection, { request, settings }: ChangeStreamContext): ChangeStream {
  const subjects = { [`fullDocument.${settings.subjectField}`]: { $in: [...request.subjects] } };
  return collection.watch([{ $match: { operationType: 'insert', ...subjects } }], {
    maxAwaitTimeMS: MAX_AWAIT_MS,
    batchSize: 1_000,
  });
}

async function pump(
  stream: ChangeStream,
  first: ChangeStreamDocument | null,
  follower: PageFollower,
  { request, settings, times, sink, reports, clock, signal }: ChangeStreamContext,
): Promise<never> {
  let fillAtMs = Number.POSITIVE_INFINITY;
  for (let change = first; ; change = await stream.tryNext()) {
    signal.throwIfAborted();
    if (stream.closed) throw new Error('the server ended the change stream');
    if (clock.nowMs() >= fillAtMs) {
      fillAtMs = Number.POSITIVE_INFINITY;
      await follower.fill();
    }
    if (change === null || change.operationType !== 'insert') continue;
    const subject = subjectOf(change.fullDocument, settings);
    const delivery = subject === null ? undefined : follower.deliveries.get(subject);
    if (subject === null || delivery === undefined) continue;
    await sink.room?.(subject, signal);
    const key = { source: 'mongodb', subject, kind: request.kind, granularity: request.granularity };
    const { record } = documentRow(key, change.fullDocument, settings, times, reports);
    // A candle that was inserted while it grows is read again, as it is then, when it has closed.
    if (record !== null && delivery.give(record) === 'open') fillAtMs = Math.min(fillAtMs, millisOf(record.at) + 1);
  }
}
