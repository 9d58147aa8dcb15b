/**
 * Messages of many publishers, handed to the client library together. It writes to its socket at the end of each
 * microtask: publishes that follow from one packet of acknowledgements would leave in many small packets.
 */
import type { NatsConnection, PublishOptions } from 'nats';

export interface Outbox {
  /**
   * Sends before the event loop waits for more, in the order of calls. As the client library discards what it has not
   * written when the connection is lost, a message is dropped when there is another connection by then.
   * @param notSent called when it was dropped (null), or when the client library does not take it
   */
  send(natsSubject: string, payload: Uint8Array, options: PublishOptions, notSent: (error: Error | null) => void): void;
}

interface Waiting {
  readonly natsSubject: string;
  readonly payload: Uint8Array;
  readonly options: PublishOptions;
  readonly notSent: (error: Error | null) => void;
  /** the connection it was to leave on */
  readonly generation: object | undefined;
}

export function createOutbox(nc: Pick<NatsConnection, 'publish' | 'info'>): Outbox {
  let waiting: Waiting[] = [];

  function sendAll(): void {
    const all = waiting;
    waiting = [];
    for (const { natsSubject, payload, options, notSent, generation } of all) {
      if (generation !== nc.info) {
        notSent(null);
        continue;
      }
      try {
        nc.publish(natsSubject, payload, options);
      } catch (error) {
        notSent(error as Error);
      }
    }
  }

  return {
    send(natsSubject, payload, options, notSent) {
      if (waiting.length === 0) setImmediate(sendAll);
      waiting.push({ natsSubject, payload, options, notSent, generation: nc.info });
    },
  };
}
