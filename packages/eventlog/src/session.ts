import type { Msg } from 'nats';
import { Queue } from './queue.ts';

/** A message of a stream, as it came in. */
export interface Delivered {
  readonly message: Pick<Msg, 'subject' | 'headers'>;
  /** kept beside the message, which cuts it out whenever it is asked */
  readonly payload: Uint8Array;
  readonly sequence: number;
  /** unix microseconds */
  readonly storedUs: number;
  /** messages of the stream behind it */
  readonly pending: number;
}

/** One way of getting messages from a position on, in order, until it fails. */
export interface ReadSession {
  /** came in and was not taken yet */
  readonly waiting: Waiting;
  /** messages known to come behind the newest that came in */
  readonly newestPending: number;
  /** why it delivers no more, or null while it does */
  readonly failed: string | null;
  /** called when something arrived or failed */
  wake: () => void;
  take(count: number): Delivered[];
  close(): void;
}

/** Messages that wait to be taken, and what is asked of them. */
export class Waiting {
  readonly #messages = new Queue<Delivered>();
  #bytes = 0;
  #oldestAt = 0;

  get size(): number {
    return this.#messages.size;
  }

  /** of all payloads */
  get bytes(): number {
    return this.#bytes;
  }

  /** when something last came while nothing waited, by the monotonic clock */
  get oldestAt(): number {
    return this.#oldestAt;
  }

  push(delivered: Delivered, now: number): void {
    if (this.#messages.size === 0) this.#oldestAt = now;
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
