import type { Msg } from 'nats';
import { Queue } from './queue.ts';

/** A message of a stream, as received. */
export interface Delivered {
  readonly message: Pick<Msg, 'subject' | 'headers'>;
  /** cached here, since the message extracts it at each access */
  readonly payload: Uint8Array;
  readonly sequence: number;
  /** unix microseconds */
  readonly storedUs: number;
  /** messages of the stream after this one */
  readonly pending: number;
}

/** One way of receiving messages from a position on, in order, until it fails. */
export interface ReadSession {
  /** received and not taken yet */
  readonly waiting: Waiting;
  /** messages known to follow the newest one received */
  readonly newestPending: number;
  /** why it no longer delivers, or null while it does */
  readonly failed: string | null;
  /** called when a message arrived or the session failed */
  wake: () => void;
  take(count: number): Delivered[];
  close(): void;
}

/** Received messages that wait to be taken, with their accounting. */
export class Waiting {
  readonly #messages = new Queue<Delivered>();
  #bytes = 0;
  #oldestAt = 0;
  #newestAt = 0;

  get size(): number {
    return this.#messages.size;
  }

  /** bytes of all payloads */
  get bytes(): number {
    return this.#bytes;
  }

  /** when a message last arrived while the queue was empty, by the monotonic clock */
  get oldestAt(): number {
    return this.#oldestAt;
  }

  /** when a message last arrived */
  get newestAt(): number {
    return this.#newestAt;
  }

  push(delivered: Delivered, now: number): void {
    if (this.#messages.size === 0) this.#oldestAt = now;
    this.#newestAt = now;
    this.#messages.push(delivered);
    this.#bytes += delivered.payload.length;
  }

  take(count: number): Delivered[] {
    const taken: Delivered[] = [];
    while (taken.length < count) {
      const delivered = this.#messages.shift();
      if (delivered === undefined) break;
      taken.push(delivered);
      this.#bytes -= delivered.payload.length;
    }
    return taken;
  }
}
