import type { Usage } from './usage.ts';

/** Limits of one run of a model; null: unlimited. */
export interface Limits {
  readonly memoryBytes: number | null;
  /** processor time of one run, over all its threads and processes */
  readonly cpuSeconds: number | null;
  /** time from the start of a run to its end */
  readonly wallSeconds: number | null;
}

export const unlimited: Limits = { memoryBytes: null, cpuSeconds: null, wallSeconds: null };

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1024 / 1024)} MiB`;

/** The limit a run has passed, with what it used; null when it has passed none. */
export function passedLimit(limits: Limits, usage: Usage, wallSeconds: number): string | null {
  if (limits.memoryBytes !== null && usage.memoryBytes > limits.memoryBytes) {
    return `expected at most ${mebibytes(limits.memoryBytes)} of memory, used ${mebibytes(usage.memoryBytes)}`;
  }
  if (limits.cpuSeconds !== null && usage.cpuSeconds > limits.cpuSeconds) {
    return `expected at most ${limits.cpuSeconds} s of processor time, used ${usage.cpuSeconds.toFixed(1)} s`;
  }
  if (limits.wallSeconds !== null && wallSeconds > limits.wallSeconds) {
    return `expected a run of at most ${limits.wallSeconds} s, ran for ${wallSeconds.toFixed(1)} s`;
  }
  return null;
}

export const isLimited = ({ memoryBytes, cpuSeconds, wallSeconds }: Limits): boolean =>
  memoryBytes !== null || cpuSeconds !== null || wallSeconds !== null;
