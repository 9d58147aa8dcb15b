import { setTimeout as delay } from 'node:timers/promises';
import { Backoff } from '@crunch-node/streams/backoff';
import type { Logger } from 'pino';
import { isReload } from './reload.ts';
import type { Service, ServiceHealth } from './service.ts';

/** What the body of a service reports to health checks. */
export interface Vitals {
  state: ServiceHealth['state'];
  detail: string;
  readonly counts: Record<string, number>;
}

export interface KeptGoing {
  readonly name: string;
  readonly logger: Logger;
  /** Works until the signal aborts; starts again when the log was unreachable. */
  work(signal: AbortSignal, vitals: Vitals): Promise<void>;
}

/** Every service loses the log at once: chance spreads their return. */
const RELOADS = { firstMs: 100, longestMs: 5_000, jitter: 0.5 };

/** Keeps a service running: faults of the log are retried, any other error ends the service. */
export function keepGoing({ name, logger, work }: KeptGoing): Service {
  const stopping = new AbortController();
  const vitals: Vitals = { state: 'starting', detail: '', counts: {} };

  async function run(): Promise<void> {
    const backoff = new Backoff(RELOADS, Math.random);
    while (!stopping.signal.aborted) {
      const startedAt = performance.now();
      try {
        await work(stopping.signal, vitals);
        return;
      } catch (error) {
        if (stopping.signal.aborted) return;
        if (!isReload(error)) throw error;
        logger.warn({ err: error }, 'reloading from the log');
        vitals.counts.reloads = (vitals.counts.reloads ?? 0) + 1;
        vitals.state = 'waiting';
        vitals.detail = error.message;
        if (performance.now() - startedAt > RELOADS.longestMs) backoff.reset();
        await delay(backoff.nextMs(), undefined, { signal: stopping.signal }).catch(() => undefined);
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
      logger.error({ err: error }, 'service failed');
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
