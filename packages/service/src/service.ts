import type { EventLog } from '@crunch-node/eventlog';
import type { Pace } from '@crunch-node/streams';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';

/** Options common to all services on the log. */
export interface ServiceContext<Config> {
  readonly log: EventLog;
  readonly config: Config;
  /** hash of the configuration above; closings carry it */
  readonly configHash: string;
  readonly pace: Pace;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** minimum time between two saved states of a partition, default 5; 0: none is saved, none is used */
  readonly stateSeconds?: number;
}

export interface ServiceHealth {
  /** `idle` has nothing to do, `frozen` has work and makes no progress */
  readonly state: 'starting' | 'waiting' | 'running' | 'stopped' | 'failed';
  /** one line for a person: what it waits for, why it failed */
  readonly detail: string;
  /** events read, published, skipped …; names end in a plural noun */
  readonly counts: Readonly<Record<string, number>>;
}

/** A running service. `start(options)` returns one when it has started, not when it has finished. */
export interface Service {
  readonly name: string;
  health(): ServiceHealth;
  /** Stops in order: accepts no new work, finishes what is in flight, releases its leases. */
  stop(): Promise<void>;
  /** Settles when the service has ended: resolves after `stop()`, rejects on a fault it cannot recover from. */
  readonly ended: Promise<void>;
}
