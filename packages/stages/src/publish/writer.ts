import { crashPoint, type EventLog, type Publisher } from '@crunch-node/eventlog';
import type { Closing, Event, EventDefinition, Observations, StreamDefinition } from '@crunch-node/streams';
import type { Outbox } from './outbox.ts';

/**
 * Says a writer's events: each at most once, in order per subject, every publish fenced by the last sequence of its
 * subject, the closing only after everything before it is acknowledged.
 */
export class Writer {
  readonly #log: EventLog;
  readonly #publisher: Publisher;
  readonly #stream: StreamDefinition;
  readonly #natsSubjectOf: ReadonlyMap<string, EventDefinition['natsSubjectOf']>;
  readonly #said: Set<string>;
  /** per subject: settles with its last sequence once everything handed over so far is acknowledged */
  readonly #tails = new Map<string, Promise<number>>();
  #fault: unknown = undefined;

  constructor(log: EventLog, publisher: Publisher, stream: StreamDefinition, outbox: Outbox) {
    this.#log = log;
    this.#publisher = publisher;
    this.#stream = stream;
    this.#said = new Set(outbox.said);
    this.#natsSubjectOf = new Map(stream.events.map((definition) => [definition.type, definition.natsSubjectOf]));
    for (const [natsSubject, sequence] of outbox.lastSequences) this.#tails.set(natsSubject, Promise.resolve(sequence));
  }

  /** Whether an earlier owner, or we, said it in the open cycle. */
  hasSaid(id: string): boolean {
    return this.#said.has(id);
  }

  /**
   * Resolves when the event is stored; at once when it had been said before.
   * @throws {FencedError} another owner is at work
   */
  async say(event: Event, extra: { readonly obs?: Observations; readonly traceparent?: string } = {}): Promise<void> {
    if (this.#said.has(event.id)) return;
    this.#said.add(event.id);
    await this.#append(event, extra);
  }

  /** Forwards a closing, after everything said before it. Forgets the ids of the cycle. Answers its sequence. */
  async close(closing: Closing): Promise<number> {
    await Promise.all(this.#tails.values());
    crashPoint('cycle-said');
    const sequence = await this.#append(closing, {});
    crashPoint('cycle-closed');
    this.#said.clear();
    return sequence;
  }

  #append(event: Event, extra: { readonly obs?: Observations; readonly traceparent?: string }): Promise<number> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    const natsSubject = this.#natsSubjectOf.get(event.type)?.(event.data);
    if (natsSubject === undefined) throw new TypeError(`${event.type} is not an event of ${this.#stream.name}`);
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
