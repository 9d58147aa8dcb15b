import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Lease, Leases } from '@crunch-node/eventlog';
import { leaseNameOf } from '@crunch-node/pipeline';
import { aborted, isReload, type Logger, orAborted, RetryDelay } from '@crunch-node/service';
import type { LoopContext } from '../loop.ts';
import { decideShares, fairShare } from './fair-share.ts';
import { HeldPartition } from './held-partition.ts';
import { instanceLease, serviceOfInstance } from './lease-names.ts';
import type { Partition } from './partition.ts';
import type { PartitionLease } from './partition-lease.ts';

export interface SharingContext extends Omit<LoopContext, 'leases'> {
  readonly service: string;
  readonly partitions: readonly Partition[];
  readonly logger: Logger;
  /** Works on partitions that were taken together until each of them has ended. */
  work(leases: readonly PartitionLease[], signal: AbortSignal): Promise<void>;
}

/**
 * Shares the partitions of a service with its other instances: registers itself, takes up to its fair share, gives away
 * what exceeds it, takes over what others have left. Partitions taken together share one reader per stream, and end one
 * by one. Returns when the signal aborts or another configuration is active, with everything released; rejects on a
 * fault it cannot recover from.
 */
export async function sharePartitions(context: SharingContext): Promise<void> {
  const { service, log, guard, signal } = context;
  const leases = await orAborted(log.leases(), signal);
  const ending = new AbortController();
  const running = AbortSignal.any([signal, ending.signal]);
  setMaxListeners(0, running);
  let wake = (): void => undefined;
  let fault: { readonly error: unknown } | undefined;
  const shares = new OwnShares(context, leases, running, {
    changed: () => wake(),
    failed: (error) => {
      fault ??= { error };
      ending.abort();
    },
  });
  const unlisten = leases.onChange((name) => {
    if (name.startsWith(service)) wake();
  });
  try {
    while (!running.aborted && guard.active) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await orAborted(shares.balance(), running);
      await Promise.race([changed, aborted(running), delay(leases.leaseMs / 4, undefined, { ref: false })]);
    }
  } catch (error) {
    if (!running.aborted) throw error;
  } finally {
    ending.abort();
    unlisten();
    await shares.ended();
  }
  if (fault !== undefined) throw fault.error;
}

interface Listeners {
  /** a partition has ended */
  changed(): void;
  /** it cannot continue */
  failed(error: unknown): void;
}

/** What this instance owns, and how that changes. */
class OwnShares {
  readonly #context: SharingContext;
  readonly #leases: Leases;
  readonly #running: AbortSignal;
  readonly #listeners: Listeners;
  readonly #owned = new Map<Partition, HeldPartition>();
  readonly #backoffs = new Map<Partition, RetryDelay>();
  readonly #groups = new Set<Promise<void>>();
  /** by name of the reason, when the end of a partition was last logged */
  readonly #loggedAt = new Map<string, number>();
  /** when a partition was first seen without owner */
  readonly #freeSince = new Map<Partition, number>();
  #presence: Lease | undefined;
  #instances: readonly string[] = [];
  #instancesSince = performance.now();
  /** no instance took what was given away: it is kept until the instances change */
  #keepsAll = false;

  constructor(context: SharingContext, leases: Leases, running: AbortSignal, listeners: Listeners) {
    this.#context = context;
    this.#leases = leases;
    this.#running = running;
    this.#listeners = listeners;
    const owned = this.#owned;
    context.instruments.watch(function* () {
      for (const { partition, progress } of owned.values()) {
        yield { partition, seen: progress.seen, closed: progress.closed, pending: progress.pending };
      }
    });
  }

  /** Reads the instances and owners, then takes and gives away. */
  async balance(): Promise<void> {
    const { service, partitions, instruments, logger } = this.#context;
    const { leaseMs } = this.#leases;
    if (this.#presence === undefined || this.#presence.signal.aborted) {
      this.#presence = await this.#leases.acquire(instanceLease(service, Date.now(), randomUUID()), this.#running);
    }
    const names = (await this.#leases.held(service)).map(({ name }) => name);
    this.#sawInstances(names.filter((name) => serviceOfInstance(name) === service).sort());
    const { take, handOver } = decideShares({
      partitions,
      instances: this.#instances,
      self: this.#presence.name,
      owned: [...this.#owned.values()].flatMap(({ handover, partition }) => (handover.aborted ? [] : [partition])),
      free: this.#free(new Set(names)),
      settled: !this.#keepsAll && performance.now() - this.#instancesSince >= leaseMs,
      leaseMs,
    });
    await this.#take(take);
    for (const partition of handOver) {
      logger.info({ partition, instances: this.#instances.length }, 'partition handed over');
      this.#owned.get(partition)?.handOver();
    }
    instruments.instances(this.#instances.length);
    this.#show();
  }

  /** Resolves when everything owned has ended after the signal aborted. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#groups);
    const released = this.#presence?.release().catch(() => undefined);
    await Promise.race([released, delay(RELEASE_MS, undefined, { ref: false })]);
  }

  #sawInstances(instances: readonly string[]): void {
    if (instances.join() === this.#instances.join()) return;
    this.#instances = instances;
    this.#instancesSince = performance.now();
    this.#keepsAll = false;
  }

  /** Partitions without owner, with how long they have been so; without those that pause after a fault. */
  #free(held: ReadonlySet<string>): ReadonlyMap<Partition, number> {
    const { service, partitions } = this.#context;
    const now = performance.now();
    const free = new Map<Partition, number>();
    for (const partition of partitions) {
      if (held.has(leaseNameOf(service, partition, partitions)) || this.#owned.has(partition)) {
        this.#freeSince.delete(partition);
        continue;
      }
      const since = this.#freeSince.get(partition) ?? now;
      this.#freeSince.set(partition, since);
      if (this.#backoffs.get(partition)?.isOver(now) ?? true) free.set(partition, now - since);
    }
    return free;
  }

  async #take(wanted: readonly Partition[]): Promise<void> {
    const { service, partitions, instruments, logger, vitals } = this.#context;
    const taken = await Promise.all(
      wanted.map(async (partition) => {
        const lease = await this.#leases.tryAcquire(leaseNameOf(service, partition, partitions));
        return lease && new HeldPartition(partition, lease, instruments);
      }),
    );
    const heldPartitions = taken.filter((held) => held !== null);
    if (heldPartitions.length === 0) return;
    for (const held of heldPartitions) this.#own(held);
    const rank = this.#instances.indexOf(this.#presence?.name ?? '');
    if (this.#owned.size > fairShare(partitions.length, this.#instances.length, rank)) this.#keepsAll = true;
    vitals.detail = '';
    const instances = this.#instances.length;
    logger.info({ partitions: heldPartitions.map(({ partition }) => partition), instances }, 'partitions acquired');
    const group = this.#workOn(heldPartitions);
    this.#groups.add(group);
    void group.finally(() => this.#groups.delete(group));
  }

  #own(held: HeldPartition): void {
    const { service, instruments, logger, vitals } = this.#context;
    const { partition } = held;
    this.#owned.set(partition, held);
    void held.ended.then((reason) => {
      this.#owned.delete(partition);
      if (reason !== null && !this.#running.aborted) {
        const backoff = this.#backoffs.get(partition) ?? new RetryDelay();
        this.#backoffs.set(partition, backoff);
        backoff.begin(held.lastedMs);
        vitals.counts.reloads = (vitals.counts.reloads ?? 0) + 1;
        vitals.detail = reason.message;
        instruments.reloaded(reason.name);
        logger[this.#isNews(reason) ? 'warn' : 'debug']({ err: reason, partition }, `${service} reloads from the log`);
      }
      this.#show();
      this.#listeners.changed();
    });
  }

  /** A cause that ends several partitions, repeatedly, is logged only once in a while. */
  #isNews({ name }: Error): boolean {
    const now = performance.now();
    const isNews = now - (this.#loggedAt.get(name) ?? Number.NEGATIVE_INFINITY) > LOG_AGAIN_MS;
    if (isNews) this.#loggedAt.set(name, now);
    return isNews;
  }

  /** Works on partitions taken together until each has ended. Never rejects. */
  async #workOn(heldPartitions: readonly HeldPartition[]): Promise<void> {
    const over = new AbortController();
    void Promise.all(heldPartitions.map(({ ended }) => ended)).then(() => over.abort());
    const working = AbortSignal.any([this.#running, over.signal]);
    setMaxListeners(0, working);
    try {
      await this.#context.work(heldPartitions, working);
      await Promise.all(heldPartitions.map((held) => held.end()));
    } catch (error) {
      const stopped = working.aborted;
      if (!stopped && !isReload(error)) this.#listeners.failed(error);
      await Promise.all(heldPartitions.map((held) => held.end(!stopped && isReload(error) ? error : null)));
    }
  }

  #show(): void {
    const { vitals, service, partitions } = this.#context;
    if (partitions.length > 1) vitals.counts.partitions = this.#owned.size;
    if (this.#running.aborted) return;
    vitals.state = 'running';
    if (this.#owned.size === 0 && vitals.detail === '') vitals.detail = `standing by: others own ${service}`;
  }
}

const RELEASE_MS = 2_000;
const LOG_AGAIN_MS = 30_000;
