import type { LogLookup, LogReader } from '@crunch-node/eventlog';
import type { Logger } from '@crunch-node/service';
import type { FastifyReply } from 'fastify';
import { HttpFault } from '../plugins/http/errors.ts';
import { type Connection, openConnection } from './connection.ts';
import { type Follower, follow } from './follow.ts';
import { createHub, type Shared } from './hub.ts';
import { few, type LiveLimits } from './limits.ts';
import type { FrameOf, Source } from './notification.ts';

const CATCHING_UP_AT_ONCE = 8;
const RETRY_AFTER_SECONDS = 5;

/** All live clients of this process. */
export interface Audience {
  /** How a source is sent: one reader of its stream for any number of listeners. */
  teller<T>(source: Source<T>): Teller<T>;
  readonly connections: number;
}

/** @throws {HttpFault} 503 when there are too many already, or the log is away */
export type Teller<T> = (
  reply: FastifyReply,
  listening: { readonly frameOf: FrameOf<T>; readonly after: number | undefined },
) => Promise<FastifyReply>;

export function createAudience(
  log: LogReader & LogLookup,
  limits: LiveLimits,
  logger: Logger,
  closing: AbortSignal,
): Audience {
  const followers = new Map<Connection, Follower | undefined>();
  const oneOfFew = few(CATCHING_UP_AT_ONCE);
  const heart = setInterval(() => {
    for (const follower of followers.values()) follower?.alive();
  }, limits.heartbeatMs);
  heart.unref();
  const stops: (() => void)[] = [];
  closing.addEventListener(
    'abort',
    () => {
      clearInterval(heart);
      for (const connection of [...followers.keys()]) connection.end('end', { reason: 'the server is stopping' });
      for (const stop of stops) stop();
    },
    { once: true },
  );

  const busy = (reply: FastifyReply, reason: string): HttpFault => {
    reply.header('retry-after', RETRY_AFTER_SECONDS);
    return new HttpFault(503, `${reason}, try again in a few seconds`);
  };

  return {
    get connections() {
      return followers.size;
    },
    teller<T>(source: Source<T>): Teller<T> {
      const hub = createHub(log, source, logger);
      stops.push(() => hub.stop());
      let joining = 0;
      return async (reply, { frameOf, after }) => {
        if (followers.size + joining >= limits.maxConnections)
          throw busy(reply, `${limits.maxConnections} clients listen to this node already`);
        let shared: Shared<T>;
        joining++;
        try {
          shared = await hub.join();
        } catch (error) {
          logger.warn({ err: error, stream: source.stream.name }, 'live events unavailable');
          throw busy(reply, 'The log is not available at the moment');
        } finally {
          joining--;
        }
        if (closing.aborted) throw busy(reply, 'The server is stopping');
        const connection = openConnection(reply, limits);
        followers.set(connection, undefined);
        reply.raw.once('close', () => followers.delete(connection));
        follow({ log, source, shared, connection, frameOf, maxMissed: limits.maxMissed, oneOfFew }, after).then(
          (follower) => {
            if (followers.has(connection)) followers.set(connection, follower);
          },
          (error: Error) => {
            logger.error({ err: error }, 'live client failed');
            connection.end('end', { reason: 'a fault of ours: come back, and go on' });
          },
        );
        return withEventHeaders(reply)
          .header('connection', 'close') // no request follows on it: a disconnected client is not kept waiting
          .send(connection.stream);
      };
    },
  };
}

/** Headers of a response of events; for HEAD the complete response. */
export const withEventHeaders = (reply: FastifyReply): FastifyReply =>
  reply
    .type('text/event-stream; charset=utf-8')
    .header('cache-control', 'no-cache, no-transform')
    .header('x-accel-buffering', 'no'); // proxies would hold events back to fill their buffers
