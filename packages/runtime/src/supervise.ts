import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type EventLog,
  FencedError,
  type Lease,
  LeaseLost,
  LogUnavailable,
  StreamFullError,
} from '@crunch-node/eventlog';
import type { Logger } from 'pino';
import type { Service, ServiceHealth } from './service.ts';

/** What the body of a service reports to whoever asks for its health. */
export interface Vitals {
  state: ServiceHealth['state'];
  detail: string;
  readonly counts: Record<string, number>;
}

export interface Supervised {
  readonly name: string;
  /** taken in this order, so that instances waiting for each other cannot deadlock */
  readonly leaseNames: readonly string[];
  readonly log: EventLog;
  readonly logger: Logger;
  /** One tenure: loads everything anew, works until the signal aborts or something is lost. */
  tenure(signal: AbortSignal, vitals: Vitals): Promise<void>;
}

/** Another owner, a lost lease, a server that is away, a full stream: what is in memory is dropped and made anew. */
const RELOADS = [FencedError, LeaseLost, LogUnavailable, StreamFullError];
const RELEASE_MS = 2_000;
const RELOAD_MIN_MS = 100;
const RELOAD_MAX_MS = 5_000;

/**
 * Holds the leases and runs tenures: fenced or deposed, it drops everything in memory, releases, reloads. Any other
 * error ends the service, loudly.
 */
export function supervise({ name, leaseNames, log, logger, tenure }: Supervised): Service {
  const stopping = new AbortController();
  const vitals: Vitals = { state: 'starting', detail: '', counts: {} };

  async function oneTenure(): Promise<void> {
    vitals.state = 'waiting';
    vitals.detail = `waiting for the leases of ${name}`;
    const held: Lease[] = [];
    try {
      const leases = await orAborted(log.leases(), stopping.signal);
      for (const leaseName of leaseNames) held.push(await leases.acquire(leaseName, stopping.signal));
      const signal = AbortSignal.any([stopping.signal, ...held.map((lease) => lease.signal)]);
      // Every reader, partition and pause listens to it for as long as it works: many is no leak.
      setMaxListeners(0, signal);
      vitals.state = 'running';
      vitals.detail = '';
      try {
        await tenure(signal, vitals);
      } catch (error) {
        const lost = held.find((lease) => lease.signal.aborted);
        if (lost && !stopping.signal.aborted) throw lost.signal.reason;
        throw error;
      }
      const lost = held.find((lease) => lease.signal.aborted);
      if (lost && !stopping.signal.aborted) throw lost.signal.reason;
    } finally {
      // With the server away there is nobody to tell: a lease that is not renewed ends by itself.
      const released = Promise.allSettled(held.map((lease) => lease.release()));
      await Promise.race([released, delay(RELEASE_MS, undefined, { ref: false })]);
    }
  }

  async function run(): Promise<void> {
    let waitMs = RELOAD_MIN_MS;
    while (!stopping.signal.aborted) {
      const startedAt = performance.now();
      try {
        await oneTenure();
        return;
      } catch (error) {
        if (stopping.signal.aborted) return;
        if (!RELOADS.some((kind) => error instanceof kind)) throw error;
        logger.warn({ err: error }, `${name} reloads from the log`);
        vitals.counts.reloads = (vitals.counts.reloads ?? 0) + 1;
        vitals.state = 'waiting';
        vitals.detail = (error as Error).message;
        if (performance.now() - startedAt > RELOAD_MAX_MS) waitMs = RELOAD_MIN_MS;
        await delay(waitMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        waitMs = Math.min(waitMs * 2, RELOAD_MAX_MS);
      }
    }
  }

  const ended = run().then(
    () => {
      vitals.state = 'stopped';
      vitals.detail = '';
    },
    (error: unknown) => {
      vitals.state = 'failed';
      vitals.detail = (error as Error).message;
      logger.error({ err: error }, `${name} failed`);
      throw error;
    },
  );
  ended.catch(() => undefined);

  return {
    name,
    health: () => ({ state: vitals.state, detail: vitals.detail, counts: { ...vitals.counts } }),
    async stop() {
      stopping.abort();
      await ended.catch(() => undefined);
    },
    ended,
  };
}

/** What cannot be cancelled is at least not waited for. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    work.catch(() => undefined);
    signal.removeEventListener('abort', stop);
  }
}
