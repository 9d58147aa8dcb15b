import { createParser } from 'eventsource-parser';
import { useEffect, useRef, useState } from 'react';
import { currentKey, useCurrentKey } from './key.ts';

export type LiveState = 'connecting' | 'live' | 'away';

const AGAIN_MS = 2_000;
const AGAIN_AT_MOST_MS = 15_000;
/** Heartbeats come every 15 seconds: without any the connection is dead. */
const SILENCE_MS = 40_000;

/**
 * Server-sent events of a path, with the key as a header, which `EventSource` cannot send. Comes back by itself, behind
 * the last event it had.
 * @param path null: nothing to listen to
 */
export function useLive(path: string | null, onEvent: (name: string, data: unknown) => void): LiveState {
  const [state, setState] = useState<LiveState>('connecting');
  const handler = useRef(onEvent);
  handler.current = onEvent;
  const key = useCurrentKey();
  // biome-ignore lint/correctness/useExhaustiveDependencies: another key is another connection
  useEffect(() => {
    if (path === null) return undefined;
    const ended = new AbortController();
    void follow(path, ended.signal, setState, (name, data) => handler.current(name, data));
    return () => ended.abort();
  }, [path, key]);
  return state;
}

async function follow(
  path: string,
  ended: AbortSignal,
  onState: (state: LiveState) => void,
  onEvent: (name: string, data: unknown) => void,
): Promise<void> {
  let last = '';
  let pauseMs = AGAIN_MS;
  while (!ended.aborted) {
    const lost = new AbortController();
    let silence = setTimeout(() => lost.abort(), SILENCE_MS);
    try {
      const response = await fetch(path, {
        headers: {
          accept: 'text/event-stream',
          ...(last !== '' && { 'Last-Event-ID': last }),
          ...(currentKey() !== '' && { 'X-API-Key': currentKey() }),
        },
        signal: AbortSignal.any([ended, lost.signal]),
      });
      if (!response.ok || response.body === null) throw new Error(`the API answered ${response.status}`);
      onState('live');
      pauseMs = AGAIN_MS;
      const parser = createParser({
        onEvent({ id, event, data }) {
          if (id !== undefined && id !== '') last = id;
          if (event === 'reset') last = '';
          onEvent(event ?? 'message', read(data));
        },
      });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        clearTimeout(silence);
        silence = setTimeout(() => lost.abort(), SILENCE_MS);
        parser.feed(value);
      }
    } catch {
      // Shown by the state, and tried again.
    } finally {
      clearTimeout(silence);
    }
    if (ended.aborted) return;
    onState('away');
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(pauseMs * 2, AGAIN_AT_MOST_MS);
  }
}

function read(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}
