import { millis } from '../parts/format.ts';

interface Row {
  readonly scope_key: string;
  readonly performed_at: string;
  readonly resolvable_at: string | null;
  readonly status: string;
}

export interface DueRound {
  readonly scope_key: string;
  /** unix milliseconds */
  readonly performed_at: number;
  readonly due_at: number | null;
  /** predictions that wait for it */
  readonly predictions: number;
}

/** Rounds whose predictions are not scored yet, the one due first in front. */
export function dueRounds(rows: readonly Row[]): DueRound[] {
  const rounds = new Map<string, DueRound>();
  for (const { scope_key, performed_at, resolvable_at, status } of rows) {
    if (status !== 'PENDING') continue;
    const key = `${performed_at} ${scope_key}`;
    const known = rounds.get(key);
    rounds.set(key, {
      scope_key,
      performed_at: millis(performed_at),
      due_at: resolvable_at === null ? null : millis(resolvable_at),
      predictions: (known?.predictions ?? 0) + 1,
    });
  }
  return [...rounds.values()].sort((a, b) => (a.due_at ?? Number.MAX_VALUE) - (b.due_at ?? Number.MAX_VALUE));
}

export interface NextRound {
  readonly scope_key: string;
  readonly last_at: number;
  /** usual time between two rounds, as seen; null: only one was seen */
  readonly every_seconds: number | null;
  readonly next_at: number | null;
}

/** When each schedule asks again, by the time between its last rounds. */
export function nextRounds(rows: readonly Row[]): NextRound[] {
  const times = new Map<string, Set<number>>();
  for (const { scope_key, performed_at } of rows) {
    const seen = times.get(scope_key) ?? new Set<number>();
    seen.add(millis(performed_at));
    times.set(scope_key, seen);
  }
  return [...times]
    .map(([scope_key, seen]) => {
      const sorted = [...seen].sort((a, b) => a - b);
      const last_at = sorted.at(-1) ?? 0;
      const steps = sorted.slice(1).map((at, i) => (at - (sorted[i] ?? at)) / 1_000);
      const every_seconds = steps.length === 0 ? null : Math.min(...steps);
      return {
        scope_key,
        last_at,
        every_seconds,
        next_at: every_seconds === null ? null : last_at + every_seconds * 1_000,
      };
    })
    .sort((a, b) => (a.next_at ?? Number.MAX_VALUE) - (b.next_at ?? Number.MAX_VALUE));
}
