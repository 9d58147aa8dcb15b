import { CrunchError } from '@crunch-node/streams/errors';

/** Two replays at once would build the same tables. */
export class ReplayRunning extends CrunchError {
  override readonly name = 'ReplayRunning';
  override readonly code = 'replay_running';
  readonly holder: string;
  constructor(holder: string) {
    super(
      `expected no other replay of this read model, but one is running (${holder}): wait for it, or end that process; ` +
        'what it has built so far is gone on with',
    );
    this.holder = holder;
  }
}

/** The connection that holds the claim broke: another process may replay now. */
export class ReplayClaimLost extends CrunchError {
  override readonly name = 'ReplayClaimLost';
  override readonly code = 'replay_claim_lost';
  constructor(cause: unknown) {
    super(`the connection to Postgres broke during a replay: run it again, it continues where it was`, { cause });
  }
}

/** Readers held the tables for so long that they could not be exchanged. */
export class SwitchBlocked extends CrunchError {
  override readonly name = 'SwitchBlocked';
  override readonly code = 'switch_blocked';
  readonly holders: readonly string[];
  constructor(holders: readonly string[], waitedMs: number) {
    super(
      `expected to exchange tables within ${Math.round(waitedMs / 1000)} s, but readers held them: ` +
        `${holders.join(', ') || 'unknown'}; nothing was changed: end that transaction and run the replay again`,
    );
    this.holders = holders;
  }
}

/** The next generation needs as much space again as the served one. The transaction in progress was rolled back. */
export class ReplayOutOfRoom extends CrunchError {
  override readonly name = 'ReplayOutOfRoom';
  override readonly code = 'replay_out_of_room';
  constructor(cause: unknown) {
    super(
      `expected room for the next generation in addition to the served rows, but the disk of Postgres is full ` +
        `(${(cause as Error).message}): make room and run it again, or replay fewer projections at a time; what is ` +
        'built already stays until then, and `crunch-node replay --drop` gives it back',
      { cause },
    );
  }
}

/** There is no earlier generation to restore. */
export class NothingKept extends CrunchError {
  override readonly name = 'NothingKept';
  override readonly code = 'nothing_kept';
  readonly projections: readonly string[];
  constructor(projections: readonly string[]) {
    super(
      `expected a kept generation of ${projections.join(', ') || 'any projection'}, found none: it was dropped, or ` +
        'nothing was replayed yet',
    );
    this.projections = projections;
  }
}

/** Locks were not available in time. The transaction was rolled back, nothing has changed. */
export const isLockedOut = (error: unknown): boolean =>
  ['55P03', '57014', '40P01'].includes((error as { code?: string }).code ?? '');
