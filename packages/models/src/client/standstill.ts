const TICK_MS = 50;
/** A busy process runs its timers late all the time, and reads answers in between. */
const SHORTEST_MS = 100;

let lostMs = 0;
let lastAt: number | undefined;

/**
 * Milliseconds in which this process did not run: it was stopped, swapped out, or busy with something else. Only the
 * difference between two calls is meaningful; a standstill shorter than a tenth of a second goes unnoticed.
 */
export function standstillMs(): number {
  if (lastAt === undefined) {
    lastAt = performance.now();
    setInterval(tick, TICK_MS).unref();
  }
  return lostMs + lateSince(lastAt);
}

function tick(): void {
  lostMs += lateSince(lastAt!);
  lastAt = performance.now();
}

function lateSince(at: number): number {
  const lateMs = performance.now() - at - TICK_MS;
  return lateMs < SHORTEST_MS ? 0 : lateMs;
}
