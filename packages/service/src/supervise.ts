import { setTimeout as delay } from 'node:timers/promises';
import type { EventLog, Lease } from '@crunch-node/eventlog';
import type { Logger } from 'pino';
import { orAborted } from './aborted.ts';
import { keepGoing, type Vitals } from './keep-going.ts';
import type { Service } from './service.ts';

export interface Supervised {
  readonly name: string;
  /** acquired in this order, so that instances waiting for each other cannot deadlock */
  readonly leaseNames: readonly string[];
  readonly log: EventLog;
  readonly logger: Logger;
  /** While this instance is the owner: loads the state, works until the signal aborts or a lease is lost. */
  runAsOwner(signal: AbortSignal, vitals: Vitals): Promise<void>;
}

const RELEASE_MS = 2_000;

/**
 * A service with a hot standby: one of several instances holds the leases and works. When fenced or without lease, it
 * drops all state in memory, releases, reloads.
 */
export const supervise = ({ name, leaseNames, log, logger, runAsOwner }: Supervised): Service =>
  keepGoing({
    name,
    logger,
    async work(stopping, vitals) {
      vitals.state = 'waiting';
      vitals.detail = `waiting for the leases of ${name}`;
      const held: Lease[] = [];
      const throwIfLost = (): void => {
        const lost = held.find((lease) => lease.signal.aborted);
        if (lost && !stopping.aborted) throw lost.signal.reason;
      };
      try {
        const leases = await orAborted(log.leases(), stopping);
        for (const leaseName of leaseNames) held.push(await leases.acquire(leaseName, stopping));
        vitals.state = 'running';
        vitals.detail = '';
        await runAsOwner(AbortSignal.any([stopping, ...held.map((lease) => lease.signal)]), vitals).catch((error) => {
          throwIfLost();
          throw error;
        });
        throwIfLost();
      } finally {
        // With the server away the release fails: a lease that is not renewed expires.
        const released = Promise.allSettled(held.map((lease) => lease.release()));
        await Promise.race([released, delay(RELEASE_MS, undefined, { ref: false })]);
      }
    },
  });
