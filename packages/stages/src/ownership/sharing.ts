import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Lease, Leases } from '@crunch-node/eventlog';
import { leaseNameOf } from '@crunch-node/pipeline';
import { aborted, isReload, type Logger, orAborted, Rest } from '@crunch-node/service';
import type { LoopMeans } from '../loop.ts';
import { decideShares, fairShare } from './fair-share.ts';
import { instanceLease, serviceOfInstance } from './lease-names.ts';
import type { Partition } from './partition.ts';
import type { Tenancy } from './tenancy.ts';
import { Tenure } from './tenure.ts';

export interface SharingMeans extends Omit<LoopMeans, 'tenancies'> {
  readonly service: string;
  readonly partitions: readonly Partition[];
  readonly logger: Logger;
  /** Works on partitions that were taken together until each of them has ended. */
  work(tenancies: readonly Tenancy[], signal: AbortSignal): Promise<void>;
}

/**
 * Shares the partitions of a service with its other instances: announces itself, takes up to its fair share, gives away
 * what is beyond it, takes over what others have left. Partitions taken together are worked on together, on one reader
 * per stream, and end one by one. Returns when the signal aborts or another configuration is active, everything given
 * back; rejects on a fault that cannot be recovered from.
 */
export async function sharePartitions(means: SharingMeans): Promise<void> {
  const { service, log, guard, signal } = means;
  const leases = await orAborted(log.leases(), signal);
  const ending = new AbortController();
  const running = AbortSignal.any([signal, ending.signal]);
  setMaxListeners(0, running);
  let wake = (): void => undefined;
  let fault: { readonly error: unknown } | undefined;
  const shares = new OwnShares(means, leases, running, {
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
  /** there is no going on */
  failed(error: unknown): void;
}

/** What this instance owns, and how it comes and goes. */
class OwnShares {
  readonly #means: SharingMeans;
  readonly #leases: Leases;
  readonly #running: AbortSignal;
  readonly #listeners: Listeners;
  readonly #owned = new Map<Partition, Tenure>();
  readonly #rests = new Map<Partition, Rest>();
  readonly #groups = new Set<Promise<void>>();
  /** by name of the reason, when the end of a partition was last told */
  readonly #toldAt = new Map<string, number>();
  /** when we first saw a partition without owner */
  readonly #freeSince = new Map<Partition, number>();
  #presence: Lease | undefined;
  #instances: readonly string[] = [];
  #instancesSince = performance.now();
  /** nobody took what we gave away: it stays ours until the instances are others */
  #keepsAll = false;

  constructor(means: SharingMeans, leases: Leases, running: AbortSignal, listeners: Listeners) {
    this.#means = means;
    this.#leases = leases;
    this.#running = running;
    this.#listeners = listeners;
    const owned = this.#owned;
    means.instruments.watch(function* () {
      for (const { partition, progress } of owned.values()) {
        yield { partition, seen: progress.seen, closed: progress.closed, pending: progress.pending };
      }
    });
  }

  /** Looks who is there and who owns what, then takes and gives. */
  async balance(): Promise<void> {
    const { service, partitions, instruments, logger } = this.#means;
    const { leaseMs } = this.#leases;
    if (this.#presence === undefined || this.#presence.signal.aborted) {
      this.#presence = await this.#leases.acquire(instanceLease(service, Date.now(), randomUUID()), this.#running);
    }
    const names = (await this.#leases.held(service)).map(({ name }) => name);
    this.#sawInstances(names.filter((name) => serviceOfInstance(name) === service).sort());
    const { take, leave } = decideShares({
      partitions,
      instances: this.#instances,
      self: this.#presence.name,
      owned: [...this.#owned.values()].flatMap(({ leaving, partition }) => (leaving.aborted ? [] : [partition])),
      free: this.#free(new Set(names)),
      settled: !this.#keepsAll && performance.now() - this.#instancesSince >= leaseMs,
      leaseMs,
    });
    await this.#take(take);
    for (const partition of leave) {
      logger.info({ partition, instances: this.#instances.length }, 'partition handed over');
      this.#owned.get(partition)?.leave();
    }
    instruments.instances(this.#instances.length);
    this.#show();
  }

  /** Resolves when everything owned has ended; the signal has aborted then. */
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

  /** Partitions without owner, with how long they have been; without those that have to rest. */
  #free(held: ReadonlySet<string>): ReadonlyMap<Partition, number> {
    const { service, partitions } = this.#means;
    const now = performance.now();
    const free = new Map<Partition, number>();
    for (const partition of partitions) {
      if (held.has(leaseNameOf(service, partition, partitions)) || this.#owned.has(partition)) {
        this.#freeSince.delete(partition);
        continue;
      }
      const since = this.#freeSince.get(partition) ?? now;
      this.#freeSince.set(partition, since);
      if (this.#rests.get(partition)?.isOver(now) ?? true) free.set(partition, now - since);
    }
    return free;
  }

  async #take(wanted: readonly Partition[]): Promise<void> {
    const { service, partitions, instruments, logger, vitals } = this.#means;
    const taken = await Promise.all(
      wanted.map(async (partition) => {
        const lease = await this.#leases.tryAcquire(leaseNameOf(service, partition, partitions));
        return lease && new Tenure(partition, lease, instruments);
      }),
    );
    const tenures = taken.filter((tenure) => tenure !== null);
    if (tenures.length === 0) return;
    for (const tenure of tenures) this.#own(tenure);
    const rank = this.#instances.indexOf(this.#presence?.name ?? '');
    if (this.#owned.size > fairShare(partitions.length, this.#instances.length, rank)) this.#keepsAll = true;
    vitals.detail = '';
    const instances = this.#instances.length;
    logger.info({ partitions: tenures.map(({ partition }) => partition), instances }, 'partitions acquired');
    const group = this.#workOn(tenures);
    this.#groups.add(group);
    void group.finally(() => this.#groups.delete(group));
  }

  #own(tenure: Tenure): void {
    const { service, instruments, logger, vitals } = this.#means;
    const { partition } = tenure;
    this.#owned.set(partition, tenure);
    void tenure.ended.then((reason) => {
      this.#owned.delete(partition);
      if (reason !== null && !this.#running.aborted) {
        const rest = this.#rests.get(partition) ?? new Rest();
        this.#rests.set(partition, rest);
        rest.begin(tenure.lastedMs);
        vitals.counts.reloads = (vitals.counts.reloads ?? 0) + 1;
        vitals.detail = reason.message;
        instruments.reloaded(reason.name);
        logger[this.#isNews(reason) ? 'warn' : 'debug']({ err: reason, partition }, `${service} reloads from the log`);
      }
      this.#show();
      this.#listeners.changed();
    });
  }

  /** What ends one partition ends others with it, and again when it is tried: it is told once in a while. */
  #isNews({ name }: Error): boolean {
    const now = performance.now();
    const isNews = now - (this.#toldAt.get(name) ?? Number.NEGATIVE_INFINITY) > TELL_AGAIN_MS;
    if (isNews) this.#toldAt.set(name, now);
    return isNews;
  }

  /** Works on partitions taken together until each has ended. Never rejects. */
  async #workOn(tenures: readonly Tenure[]): Promise<void> {
    const over = new AbortController();
    void Promise.all(tenures.map(({ ended }) => ended)).then(() => over.abort());
    const working = AbortSignal.any([this.#running, over.signal]);
    setMaxListeners(0, working);
    try {
      await this.#means.work(tenures, working);
      await Promise.all(tenures.map((tenure) => tenure.end()));
    } catch (error) {
      const stopped = working.aborted;
      if (!stopped && !isReload(error)) this.#listeners.failed(error);
      await Promise.all(tenures.map((tenure) => tenure.end(!stopped && isReload(error) ? error : null)));
    }
  }

  #show(): void {
    const { vitals, service, partitions } = this.#means;
    if (partitions.length > 1) vitals.counts.partitions = this.#owned.size;
    if (this.#running.aborted) return;
    vitals.state = 'running';
    if (this.#owned.size === 0 && vitals.detail === '') vitals.detail = `standing by: others own ${service}`;
  }
}

const RELEASE_MS = 2_000;
const TELL_AGAIN_MS = 30_000;
