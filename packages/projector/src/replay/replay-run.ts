import type { EventLog } from '@crunch-node/eventlog';
import type { Projection } from '@crunch-node/projections';
import type { OneConnection } from '@crunch-node/projections/generations';
import type { Logger } from '@crunch-node/service';

/** Points at which a replay can be interrupted, for tests. */
export type ReplayPoint =
  /** in the transaction of a batch */
  'copied a batch' | 'copied' | 'indexed' | 'caught up' | 'exchanging' | 'exchanged, not committed' | 'committed';

export interface ReplayProgress {
  readonly phase: 'building' | 'indexing' | 'catching up' | 'comparing' | 'switching';
  /** the current step, or what it waits for */
  readonly detail: string;
  /** messages handled and to be handled, of all projections together */
  readonly done: number;
  readonly total: number;
}

/** Dependencies of the steps of a replay. */
export interface ReplayRun {
  readonly log: EventLog;
  /** holds the claim, and makes the switch */
  readonly session: OneConnection;
  /** writes the next generation */
  readonly builder: OneConnection;
  /** of the served tables */
  readonly schema: string;
  readonly projections: readonly Projection[];
  readonly fingerprint: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  report(progress: Partial<ReplayProgress>): void;
  /** Something is unavailable: it is retried, except for a full disk, which ends the replay. */
  waited(reason: Error): void;
  reached(point: ReplayPoint): Promise<void>;
}
