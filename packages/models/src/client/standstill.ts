const TICK_MS = 50;

let lostMs = 0;
let lastAt: number | undefined;

/**
 * Milliseconds in which this process did not run: it was stopped, swapped out, or busy with something else. Only the
 * difference between two calls is meaningful; a standstill shorter than a tick goes unnoticed.
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

const lateSince = (at: number): number => Math.max(0, performance.now() - at - TICK_MS);
