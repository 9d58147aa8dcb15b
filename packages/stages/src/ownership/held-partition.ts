import { setTimeout as delay } from 'node:timers/promises';
import type { Lease, LeaseLost } from '@crunch-node/eventlog';
import { isReload } from '@crunch-node/service';
import type { StageInstruments } from '../stage-instruments.ts';
import type { Partition } from './partition.ts';
import type { PartitionLease } from './partition-lease.ts';
import { Progress } from './progress.ts';

/** With the server away a lease cannot be released: one that is not renewed expires. */
const RELEASE_MS = 2_000;

/** One period of owning a partition, from taking its lease to releasing it. */
export class HeldPartition implements PartitionLease {
  readonly partition: Partition;
  readonly progress = new Progress();
  readonly #lease: Lease;
  readonly #instruments: StageInstruments;
  readonly #handover = new AbortController();
  readonly #begunAt = performance.now();
  #isHeld = false;
  #ending: Promise<void> | undefined;
  #resolve: (reason: Error | null) => void = () => undefined;
  /** Resolves when the lease is released or lost: with the reason, or null when it ended in order. */
  readonly ended: Promise<Error | null>;

  constructor(partition: Partition, lease: Lease, instruments: StageInstruments) {
    this.partition = partition;
    this.#lease = lease;
    this.#instruments = instruments;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    instruments.lease('acquired');
    lease.annotate(() => this.progress.standing());
    // Lost before the work has begun: there is nothing to wait for.
    lease.signal.addEventListener('abort', () => void (this.#isHeld || this.end()), { once: true });
  }

  get lost(): AbortSignal {
    return this.#lease.signal;
  }

  get handover(): AbortSignal {
    return this.#handover.signal;
  }

  get lastedMs(): number {
    return performance.now() - this.#begunAt;
  }

  /** To be handed over at the next closing. */
  handOver(): void {
    this.#handover.abort();
  }

  async hold(running: AbortSignal, work: (own: AbortSignal) => Promise<void>): Promise<void> {
    if (this.#ending !== undefined) return this.#ending;
    this.#isHeld = true;
    const own = AbortSignal.any([running, this.#lease.signal]);
    try {
      await work(own);
      await this.end();
    } catch (error) {
      if (!own.aborted && !isReload(error)) throw error;
      await this.end(own.aborted ? null : (error as Error));
    }
  }

  /** Releases the lease, once. @param reason why it could not continue */
  end(reason: Error | null = null): Promise<void> {
    this.#ending ??= this.#end(reason);
    return this.#ending;
  }

  async #end(reason: Error | null): Promise<void> {
    const { signal } = this.#lease;
    const isLost = signal.aborted;
    const released = this.#lease.release().catch(() => undefined);
    await Promise.race([released, delay(RELEASE_MS, undefined, { ref: false })]);
    this.#instruments.lease(isLost ? 'lost' : 'released');
    this.#resolve(isLost ? (signal.reason as LeaseLost) : reason);
  }
}
