import { jsonOf } from '../../json/index.ts';
import { keepConnected } from '../../live/keep-connected.ts';
import { runSocket } from '../../live/socket.ts';
import type { SequenceFollower, SequencePlace } from '../../live/without-holes.ts';
import type { BinanceContext } from './kind.ts';
import { BinanceRefused } from './rest.ts';

export interface Streamed {
  readonly subjects: readonly string[];
  /** name of a subject's stream behind the `@` */
  readonly stream: string;
  /** The place in a message; null for other messages of the connection. */
  parse(data: Readonly<Record<string, unknown>>): ({ readonly subject: string } & SequencePlace) | null;
  follow(subject: string): SequenceFollower;
}

/** Streams on one connection. The exchange allows 1024, but their names are in the URL. */
const STREAMS_A_CONNECTION = 200;
/** Not from here, not ever: no use in trying again. */
const UNAVAILABLE_FOR_LEGAL_REASONS = 451;
const REMEDY = 'it does not serve this location; use another ws_url';

/**
 * Streams of all subjects until the signal aborts; the exchange ends each connection after a day. While no connection
 * can be had, every attempt fetches the newest records by REST.
 */
export async function listenToStreams(
  { wsUrl, idleMs, clock, reports }: BinanceContext,
  { subjects, stream, parse, follow }: Streamed,
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const ending = AbortSignal.any([signal, stop.signal]);
  const followers = new Map(subjects.map((subject) => [subject, follow(subject)]));
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = (error) => {
      if (!ending.aborted) reject(error);
    };
  });

  function message(text: string): undefined {
    const frame = jsonOf(text);
    if (typeof frame !== 'object' || frame === null) {
      reports.rejected({ reason: 'unreadable', detail: text.slice(0, 100), origin: `binance ${stream}` });
      return;
    }
    const { data = frame } = frame as { data?: unknown };
    if (typeof data !== 'object' || data === null || Array.isArray(data)) return;
    const place = parse(data as Record<string, unknown>);
    if (place !== null) void followers.get(place.subject)?.received(place).catch(fail);
  }

  const fatal = (status: number): Error | null =>
    status === UNAVAILABLE_FOR_LEGAL_REASONS
      ? new BinanceRefused(`a connection to ${wsUrl}`, status, undefined, REMEDY)
      : null;

  async function connect(some: readonly string[]): Promise<void> {
    const names = some.map((subject) => `${subject.toLowerCase()}@${stream}`).join('/');
    const fill = (): void => some.forEach((subject) => void followers.get(subject)?.fill().catch(fail));
    const connection = { url: `${wsUrl}/stream?streams=${names}`, idleMs, clock, fatal };
    await keepConnected({
      name: 'Binance',
      clock,
      reports,
      signal: ending,
      unreachable: fill,
      run: () => runSocket(connection, { opened: fill, message }, ending),
    });
  }

  const chunks: string[][] = [];
  for (let i = 0; i < subjects.length; i += STREAMS_A_CONNECTION) {
    chunks.push(subjects.slice(i, i + STREAMS_A_CONNECTION));
  }
  const connections = chunks.map(connect);
  try {
    await Promise.race([Promise.all(connections), failed]);
  } finally {
    stop.abort();
    await Promise.allSettled(connections);
  }
}
