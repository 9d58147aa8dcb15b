import { setTimeout as delay } from 'node:timers/promises';

/** Times of a model's connection in milliseconds. Tests shorten them. */
export interface ClientTiming {
  /** for both channels to become ready, per attempt */
  readonly readyMs: number;
  /** for a handshake that shows whether a peer that cannot be reached in plaintext speaks TLS */
  readonly tlsProbeMs: number;
  /** of one Setup: a class may load a big model, so this is not the deadline of a call */
  readonly setupMs: number;
  /** pauses between attempts to initialise; one more attempt than pauses */
  readonly retryMs: readonly number[];
  /** how long a call waits for a channel that is connecting */
  readonly connectGraceMs: number;
  /** first and longest pause before a call of a busy model is repeated */
  readonly busyMs: readonly [number, number];
  /** how long a patient caller repeats calls of a busy model: one that hangs must not hold up a replay for ever */
  readonly patienceMs: number;
  /** a health check after every so many calls in a row that passed their deadline */
  readonly timeoutsPerHealthCheck: number;
}

export const defaultTiming: ClientTiming = {
  readyMs: 10_000,
  tlsProbeMs: 5_000,
  // as long as the coordinators of the field wait
  setupMs: 120_000,
  retryMs: [2_000, 4_000, 8_000, 16_000],
  connectGraceMs: 1_000,
  busyMs: [2, 200],
  patienceMs: 120_000,
  // with cool-down about ten calls are really made before the limit of a hundred time-outs is passed: five checks
  timeoutsPerHealthCheck: 2,
};

/** Resolves after the time, or at once when the signal is aborted. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined);
