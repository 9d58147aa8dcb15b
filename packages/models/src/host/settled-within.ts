import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';

/** Turns of the event loop after which something that waits for nothing outside would have gone on. */
const TURNS = 20;
const LOOK_EVERY_MS = 1;

/** timers of ours that wait here; they are nothing a model waits for */
let ownTimers = 0;

/**
 * Whether nothing has begun since, that could still make anything happen: no timer, no socket, no file that is read.
 * @returns a function that looks
 */
export function quiet(): () => boolean {
  const before = counted();
  return () => {
    const now = counted();
    for (const [name, count] of now) if (count > (before.get(name) ?? 0)) return false;
    return true;
  };
}

function counted(): Map<string, number> {
  const counts = new Map<string, number>([['Timeout', -ownTimers]]);
  for (const name of process.getActiveResourcesInfo()) {
    if (name !== 'Immediate') counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/**
 * Waits for a promise until a deadline, or until nothing is left that could settle it: a model that waits for the
 * deadline alone need not be waited for.
 * @returns its value; undefined when it is late. What it rejects with is thrown.
 */
export async function settledWithin<T>(
  promise: Promise<T>,
  deadlineMs: number,
  isQuiet: () => boolean,
): Promise<{ readonly value: T } | undefined> {
  let settled: { readonly value: T } | undefined;
  let failed: { readonly error: unknown } | undefined;
  promise.then(
    (value) => {
      settled = { value };
    },
    (error: unknown) => {
      failed = { error };
    },
  );
  const startMs = performance.now();
  for (let turns = 0; ; turns++) {
    await turn();
    if (failed !== undefined) throw (failed as { readonly error: unknown }).error;
    if (settled !== undefined) return settled;
    if (performance.now() - startMs > deadlineMs) return undefined;
    if (turns < TURNS) continue;
    if (isQuiet()) return undefined;
    ownTimers++;
    await delay(LOOK_EVERY_MS);
    ownTimers--;
  }
}
