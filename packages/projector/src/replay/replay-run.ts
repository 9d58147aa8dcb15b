import type { EventLog } from '@crunch-node/eventlog';
import type { Projection } from '@crunch-node/projections';
import type { OneConnection } from '@crunch-node/projections/generations';
import type { Logger } from '@crunch-node/service';

/** Where a replay can be interrupted, for whoever wants to know that it may be. */
export type ReplayPoint =
  /** in the transaction of a batch */
  'copied a batch' | 'copied' | 'indexed' | 'caught up' | 'exchanging' | 'exchanged, not committed' | 'committed';

export interface ReplayProgress {
  readonly phase: 'building' | 'indexing' | 'catching up' | 'comparing' | 'switching';
  /** what is worked on, or waited for */
  readonly detail: string;
  /** messages handled and to be handled, of all projections together */
  readonly done: number;
  readonly total: number;
}

/** What the steps of a replay work with. */
export interface ReplayRun {
  readonly log: EventLog;
  /** holds the claim, and makes the switch */
  readonly session: OneConnection;
  /** writes the next generation */
  readonly builder: OneConnection;
  /** of the tables that are read */
  readonly schema: string;
  readonly projections: readonly Projection[];
  readonly fingerprint: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  report(progress: Partial<ReplayProgress>): void;
  /** Something is away: it is tried again, but for a full disk, which ends the replay. */
  waited(reason: Error): void;
  reached(point: ReplayPoint): Promise<void>;
}
