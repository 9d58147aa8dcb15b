import { crashPoint, type LogLookup, type Publisher } from '@crunch-node/eventlog';
import {
  type Closing,
  type Event,
  natsSubjectIn,
  type Observations,
  type StreamDefinition,
} from '@crunch-node/streams';
import type { PublishedTail } from './published-tail.ts';

/**
 * Publishes a writer's events: each at most once, in order per subject, every publish with the last sequence of its
 * subject as expected sequence, the closing only after everything before it is acknowledged.
 */
export class Writer {
  readonly #log: LogLookup;
  readonly #publisher: Publisher;
  readonly #stream: StreamDefinition;
  readonly #published: Set<string>;
  /** per subject: settles with its last sequence once everything passed so far is acknowledged */
  readonly #tails = new Map<string, Promise<number>>();
  #fault: unknown = undefined;

  constructor(log: LogLookup, publisher: Publisher, stream: StreamDefinition, tail: PublishedTail) {
    this.#log = log;
    this.#publisher = publisher;
    this.#stream = stream;
    this.#published = new Set(tail.published);
    for (const [natsSubject, sequence] of tail.lastSequences) this.#tails.set(natsSubject, Promise.resolve(sequence));
  }

  /** Whether this or an earlier owner published it in the open cycle. */
  isPublished(id: string): boolean {
    return this.#published.has(id);
  }

  /**
   * Resolves when the event is stored; at once when it was published before.
   * @throws {FencedError} another owner is at work
   */
  async publish(
    event: Event,
    extra: { readonly obs?: Observations; readonly traceparent?: string } = {},
  ): Promise<void> {
    if (this.#published.has(event.id)) return;
    this.#published.add(event.id);
    await this.#append(event, extra);
  }

  /** Forwards a closing after everything published before it. Forgets the ids of the cycle. Returns its sequence. */
  async close(closing: Closing): Promise<number> {
    await Promise.all(this.#tails.values());
    crashPoint('cycle-published');
    const sequence = await this.#append(closing, {});
    crashPoint('cycle-closed');
    this.#published.clear();
    return sequence;
  }

  #append(event: Event, extra: { readonly obs?: Observations; readonly traceparent?: string }): Promise<number> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    const natsSubject = natsSubjectIn(this.#stream, event);
    const previous = this.#tails.get(natsSubject) ?? this.#log.lastSequence(this.#stream, natsSubject);
    const stored = previous.then(async (expectedLastSequence) => {
      const { sequence } = await this.#publisher.append(this.#stream, {
        event,
        natsSubject,
        expectedLastSequence,
        ...extra,
      });
      return sequence;
    });
    this.#tails.set(natsSubject, stored);
    stored.catch((error: unknown) => {
      this.#fault ??= error;
    });
    return stored;
  }
}
