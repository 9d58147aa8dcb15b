/**
 * Failure and time-out counters of one model and its cool-down, as a fold over the outcomes of its calls. The counters
 * can be rebuilt from recorded calls, so they are kept nowhere else.
 */
import type { RunnerStatus } from '@crunch-node/streams';
import type { FailureCode } from './pool.ts';

export interface Strikes {
  /** FAILED in a row; a TIMEOUT in between does not end the row */
  readonly failures: number;
  /** TIMEOUT in a row, skipped calls included; a FAILED in between does not end the row */
  readonly timeouts: number;
  /** calls still to be skipped; −1: the last skip is over and a call was let through */
  readonly cooldown: number;
}

export const noStrikes: Strikes = { failures: 0, timeouts: 0, cooldown: 0 };

/** Whether to skip the next call. To be called once before each call; a skipped one counts as TIMEOUT. */
export function shouldSkip(strikes: Strikes): { readonly skip: boolean; readonly strikes: Strikes } {
  const { cooldown, timeouts } = strikes;
  if (cooldown > 0) return { skip: true, strikes: { ...strikes, cooldown: cooldown - 1 } };
  if (cooldown === 0) return { skip: false, strikes: { ...strikes, cooldown: -1 } };
  if (timeouts > 0) return { skip: true, strikes: { ...strikes, cooldown: Math.ceil(timeouts / 2) - 1 } };
  return { skip: false, strikes };
}

/** The counters after a call. */
export function nextStrikes(strikes: Strikes, status: RunnerStatus): Strikes {
  switch (status) {
    case 'SUCCESS':
      return { ...strikes, failures: 0, timeouts: 0 };
    case 'FAILED':
      return { ...strikes, failures: strikes.failures + 1 };
    case 'TIMEOUT':
      return { ...strikes, timeouts: strikes.timeouts + 1 };
  }
}

/** `shouldSkip` and `nextStrikes` for one recorded call, to fold over records. */
export const recordedStrikes = (strikes: Strikes, status: RunnerStatus): Strikes =>
  nextStrikes(shouldSkip(strikes).strikes, status);

export interface StrikeLimits {
  readonly failures: number;
  readonly timeouts: number;
}
export const defaultStrikeLimits: StrikeLimits = { failures: 100, timeouts: 100 };

/** Why the model is to be reported, or null. A limit of 100 is passed by the 101st. */
export function strikeOut(strikes: Strikes, limits: StrikeLimits = defaultStrikeLimits): FailureCode | null {
  if (strikes.failures > limits.failures) return 'MULTIPLE_FAILED';
  if (strikes.timeouts > limits.timeouts) return 'MULTIPLE_TIMEOUT';
  return null;
}
