import type { Publisher, ReadableLog, Recorded } from '@crunch-node/eventlog';
import type { ModelIdentity, ModelPool, PoolChange } from '@crunch-node/models';
import { readTail } from '@crunch-node/service';
import {
  byCodePoint,
  type Instant,
  ModelChanged,
  type ModelEvent,
  ModelFailed,
  ModelJoined,
  ModelLeft,
  models,
  natsSubjectIn,
  partitionOf,
} from '@crunch-node/streams';

interface Entry {
  readonly identity: ModelIdentity;
  /** joined, and neither left nor given up since */
  readonly present: boolean;
  /** how many facts about the model are in the log */
  readonly revision: number;
}

export interface RosterContext {
  readonly log: ReadableLog;
  readonly publisher: Publisher;
  readonly partitions: number;
  /** partitions it covers; it publishes for those it is asked to follow */
  readonly about: ReadonlySet<number>;
  now(): Instant;
}

/** The participating models, as published by these partitions: a fold of their own output. */
export class RosterWriter {
  readonly #context: RosterContext;
  readonly #entries = new Map<string, Entry>();
  /** last sequence per NATS subject, unreadable messages included */
  readonly #sequences = new Map<string, number>();
  /** events are appended one after the other per model */
  readonly #queues = new Map<string, Promise<void>>();
  /** partitions owned here, each with the callback for an append that failed */
  readonly #followed = new Map<number, (error: unknown) => void>();

  constructor(context: RosterContext) {
    this.#context = context;
  }

  /** Reads the events published before. */
  async load(signal: AbortSignal): Promise<void> {
    const { log } = this.#context;
    const take = ({ event, natsSubject, sequence }: Recorded): void => {
      this.#advanceTo(natsSubject, sequence);
      this.#take(event as ModelEvent);
    };
    await readTail(log, models, 0, signal, take, ({ natsSubject, sequence }) => this.#advanceTo(natsSubject, sequence));
  }

  /** Models of a partition that are expected to answer, in code point order. */
  known(partition: number): string[] {
    const known: string[] = [];
    for (const [modelId, { present }] of this.#entries) {
      if (present && this.#partitionOf(modelId) === partition) known.push(modelId);
    }
    return known.sort(byCodePoint);
  }

  /**
   * Publishes the changes of the pool for one partition, beginning with the models it has now. Resolves when those are
   * in the log.
   * @param fail called when an event could not be appended: another owner is at work, or the log is away
   * @returns stops publishing; resolves when the append in flight has ended
   */
  async follow(partition: number, pool: ModelPool, fail: (error: unknown) => void): Promise<() => Promise<void>> {
    this.#followed.set(partition, fail);
    const unwatch = pool.watch((change) => {
      if (this.#partitionOf(change.model.model_id) === partition) this.#notice(change);
    });
    await this.#settled(partition);
    return async () => {
      unwatch();
      this.#followed.delete(partition);
      await this.#settled(partition);
    };
  }

  #notice(change: PoolChange): void {
    const modelId = change.model.model_id;
    const published = (this.#queues.get(modelId) ?? Promise.resolve()).then(() => this.#publish(change));
    this.#queues.set(modelId, published);
    published.catch((error: unknown) => this.#followed.get(this.#partitionOf(modelId))?.(error));
  }

  async #settled(partition: number): Promise<void> {
    const queues = [...this.#queues].filter(([modelId]) => this.#partitionOf(modelId) === partition);
    await Promise.allSettled(queues.map(([, queue]) => queue));
  }

  async #publish(change: PoolChange): Promise<void> {
    const modelId = change.model.model_id;
    if (!this.#followed.has(this.#partitionOf(modelId))) return;
    const event = this.#eventOf(change);
    if (event === null) return;
    const natsSubject = natsSubjectIn(models, event);
    const expectedLastSequence = this.#sequences.get(natsSubject) ?? 0;
    const { sequence } = await this.#context.publisher.append(models, { event, natsSubject, expectedLastSequence });
    this.#advanceTo(natsSubject, sequence);
    this.#take(event);
  }

  #eventOf(change: PoolChange): ModelEvent | null {
    const { model_id, deployment_id, model_name, cruncher_id, cruncher_name } = change.model;
    const entry = this.#entries.get(model_id);
    const partition = this.#partitionOf(model_id);
    const about = { partition, model_id, revision: entry?.revision ?? 0, deployment_id };
    const at = this.#context.now();
    switch (change.kind) {
      case 'running': {
        const identity = { model_name, cruncher_id, cruncher_name };
        if (!entry?.present) return ModelJoined.at(at, { ...about, ...identity });
        return sameIdentity(entry.identity, change.model) ? null : ModelChanged.at(at, { ...about, ...identity });
      }
      case 'stopped':
        return entry?.present ? ModelLeft.at(at, about) : null;
      case 'failed': {
        const { failure_code, failure_reason } = change;
        return ModelFailed.at(at, { ...about, failure_code, failure_reason });
      }
    }
  }

  #advanceTo(natsSubject: string, sequence: number): void {
    this.#sequences.set(natsSubject, Math.max(sequence, this.#sequences.get(natsSubject) ?? 0));
  }

  #take(event: ModelEvent): void {
    const { model_id, revision, deployment_id } = event.data;
    if (!this.#context.about.has(this.#partitionOf(model_id))) return;
    const known = this.#entries.get(model_id)?.identity;
    const identity = 'model_name' in event.data ? event.data : known;
    this.#entries.set(model_id, {
      identity: identity ?? unknownIdentity(model_id, deployment_id),
      present: event.type === 'ModelJoined' || event.type === 'ModelChanged',
      revision: revision + 1,
    });
  }

  #partitionOf(modelId: string): number {
    return partitionOf(modelId, this.#context.partitions);
  }
}

const sameIdentity = (a: ModelIdentity, b: ModelIdentity): boolean =>
  a.deployment_id === b.deployment_id &&
  a.model_name === b.model_name &&
  a.cruncher_id === b.cruncher_id &&
  a.cruncher_name === b.cruncher_name;

/** A model can fail before it ever joined: a broken set-up. */
const unknownIdentity = (model_id: string, deployment_id: string): ModelIdentity => ({
  model_id,
  deployment_id,
  model_name: 'unknown-model',
  cruncher_id: 'unknown-player',
  cruncher_name: 'Unknown',
});
