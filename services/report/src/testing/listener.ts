import { setTimeout as delay } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';

export interface ReceivedEvent {
  readonly event: string;
  readonly id: number | undefined;
  readonly data: Record<string, unknown>;
}

/** A client of live events as browsers are: it comes back by itself with the last id it has seen, until it is left. */
export interface Listener {
  readonly received: readonly ReceivedEvent[];
  readonly ids: () => number[];
  /** of every response that was no stream */
  readonly refusals: readonly number[];
  readonly connections: () => number;
  leave(): Promise<void>;
}

/** @param urlOf called at each connection: a restarted server has another address */
export function listen(urlOf: () => string, { after }: { readonly after?: number } = {}): Listener {
  const received: ReceivedEvent[] = [];
  const refusals: number[] = [];
  const leaving = new AbortController();
  let lastId: string | undefined = after?.toString();
  let connections = 0;

  async function once(): Promise<void> {
    const answer = await fetch(urlOf(), {
      headers: { accept: 'text/event-stream', ...(lastId !== undefined && { 'last-event-id': lastId }) },
      signal: leaving.signal,
    });
    if (answer.status !== 200 || answer.body === null) {
      refusals.push(answer.status);
      await answer.body?.cancel();
      return;
    }
    connections++;
    const parser = createParser({
      onEvent({ event = 'message', id, data }) {
        if (id !== undefined) lastId = id;
        received.push({ event, id: id === undefined ? undefined : Number(id), data: JSON.parse(data) });
      },
    });
    const decoder = new TextDecoder();
    for await (const chunk of answer.body) parser.feed(decoder.decode(chunk, { stream: true }));
  }

  const listening = (async () => {
    while (!leaving.signal.aborted) {
      await once().catch(() => undefined);
      await delay(20, undefined, { signal: leaving.signal }).catch(() => undefined);
    }
  })();
  return {
    received,
    ids: () => received.flatMap(({ event, id }) => (['leaderboard', 'signal'].includes(event) && id ? [id] : [])),
    refusals,
    connections: () => connections,
    async leave() {
      leaving.abort();
      await listening;
    },
  };
}
