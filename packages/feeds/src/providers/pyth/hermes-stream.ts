import { createParser } from 'eventsource-parser';
import type { ProviderClock } from '../../clock.ts';
import { jsonOf } from '../../json/index.ts';
import { retryAfterMs, rootOf } from '../../live/ask.ts';
import type { ConnectionEnd } from '../../live/keep-connected.ts';
import type { PythClient } from './client.ts';

export interface StreamEvents {
  opened(): void;
  /** an event's data; undefined when it was no JSON */
  event(body: unknown): void;
}

const PATH = '/v2/updates/price/stream';
/** Far above any event there is; a larger one ends the connection rather than the process. */
const MAX_EVENT_CHARS = 4 * 1024 * 1024;

/**
 * One connection to the stream of prices from beginning to end. A connection without any data is dead even if it was
 * never closed. Never rejects.
 */
export async function runHermesStream(
  hermes: PythClient,
  query: string,
  { idleMs, clock }: { readonly idleMs: number; readonly clock: ProviderClock },
  events: StreamEvents,
  signal: AbortSignal,
): Promise<ConnectionEnd> {
  const idle = new AbortController();
  let opened = false;
  let timer: NodeJS.Timeout | undefined;
  const markReceived = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => idle.abort(), idleMs);
  };
  try {
    await hermes.passed(signal);
    markReceived();
    const response = await fetch(`${hermes.baseUrl}${PATH}${query}`, {
      headers: { ...hermes.headers, accept: 'text/event-stream' },
      signal: AbortSignal.any([signal, idle.signal]),
    });
    if (response.status !== 200 || response.body === null) {
      const pauseMs = retryAfterMs(response.headers.get('retry-after'), clock.nowMs());
      const refusal = hermes.refused(PATH, response.status, response.headers);
      await response.body?.cancel();
      return { reason: refusal.message, opened, ...(pauseMs !== undefined && { pauseMs }) };
    }
    opened = true;
    events.opened();
    const parser = createParser({ maxBufferSize: MAX_EVENT_CHARS, onEvent: ({ data }) => events.event(jsonOf(data)) });
    const decoder = new TextDecoder();
    for await (const chunk of response.body) {
      markReceived();
      parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
    }
    return { reason: 'the server closed the stream', opened };
  } catch (error) {
    return { reason: idle.signal.aborted ? `nothing received for ${idleMs / 1000} s` : rootOf(error), opened };
  } finally {
    clearTimeout(timer);
  }
}
