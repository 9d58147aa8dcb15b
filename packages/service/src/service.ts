import type { EventLog } from '@crunch-node/eventlog';
import type { Pace } from '@crunch-node/streams';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';

/** What every service that lives on the log is started with. */
export interface ServiceContext<Config> {
  readonly log: EventLog;
  readonly config: Config;
  /** of the configuration above; closings carry it */
  readonly configHash: string;
  readonly pace: Pace;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** least time between two saved states of a partition, default 5; 0: none is saved, none is used */
  readonly stateSeconds?: number;
}

export interface ServiceHealth {
  /** `idle` has nothing to do, `frozen` should have something to do and cannot */
  readonly state: 'starting' | 'waiting' | 'running' | 'stopped' | 'failed';
  /** one line for a person: what it waits for, why it failed */
  readonly detail: string;
  /** events read, said, skipped …; names end in a plural noun */
  readonly counts: Readonly<Record<string, number>>;
}

/** A running service. `start(options)` returns one when it has begun, not when it has finished. */
export interface Service {
  readonly name: string;
  health(): ServiceHealth;
  /** Stops in order: takes nothing new, finishes what is in flight, releases its leases. */
  stop(): Promise<void>;
  /** Settles when the service has ended: resolves after `stop()`, rejects on a fault it cannot recover from. */
  readonly ended: Promise<void>;
}
