import { setTimeout as delay } from 'node:timers/promises';

/** What has been started, stopped in the opposite order. */
export interface Closers {
  push(name: string, close: () => Promise<void>): void;
  /** Stops everything; each has its own deadline, so that one that hangs keeps nobody else running. Runs once. */
  close(): Promise<readonly string[]>;
}

/** @param deadlineMs for each */
export function createClosers(deadlineMs: number): Closers {
  const open: { name: string; close: () => Promise<void> }[] = [];
  let closing: Promise<readonly string[]> | undefined;
  return {
    push: (name, close) => open.push({ name, close }),
    close: () => (closing ??= closeAll()),
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
