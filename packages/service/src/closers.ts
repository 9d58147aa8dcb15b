import { setTimeout as delay } from 'node:timers/promises';

/** Closes what has been started, in the opposite order. */
export interface Closers {
  /** @param atOnce the urgent part, for when there is no time to close */
  push(name: string, close: () => Promise<void>, atOnce?: () => void): void;
  /**
   * Closes everything, each with its own deadline, so that one that hangs does not keep the others running. Runs once.
   */
  close(): Promise<readonly string[]>;
  /** For a process that ends now: runs the urgent parts, whether closing has begun or not. */
  endAtOnce(): readonly string[];
}

/** @param deadlineMs for each */
export function createClosers(deadlineMs: number): Closers {
  const open: { name: string; close: () => Promise<void> }[] = [];
  const urgent: { name: string; atOnce: () => void }[] = [];
  let closing: Promise<readonly string[]> | undefined;
  return {
    push(name, close, atOnce) {
      open.push({ name, close });
      if (atOnce !== undefined) urgent.push({ name, atOnce });
    },
    close: () => (closing ??= closeAll()),
    endAtOnce() {
      const faults: string[] = [];
      for (let next = urgent.pop(); next !== undefined; next = urgent.pop()) {
        try {
          next.atOnce();
        } catch (error) {
          faults.push(`${next.name}: ${(error as Error).message}`);
        }
      }
      return faults;
    },
  };

  async function closeAll(): Promise<string[]> {
    const faults: string[] = [];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const fault = await closed(next.close, deadlineMs);
      if (fault !== null) faults.push(`${next.name}: ${fault}`);
    }
    return faults;
  }
}

async function closed(close: () => Promise<void>, deadlineMs: number): Promise<string | null> {
  const finished = new AbortController();
  const late = delay(deadlineMs, `did not stop within ${deadlineMs / 1000} s`, { signal: finished.signal }).catch(
    () => null,
  );
  const stopped = (async () => close())().then(
    () => null,
    (error: unknown) => (error as Error).message,
  );
  try {
    return await Promise.race([stopped, late]);
  } finally {
    finished.abort();
  }
}
