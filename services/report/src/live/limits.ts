export interface LiveLimits {
  /** clients that listen at once */
  readonly maxConnections: number;
  /** of one client, unsent */
  readonly maxBufferedBytes: number;
  /** messages of the stream a client that comes back is sent; beyond that it is sent a gap event */
  readonly maxMissed: number;
  readonly heartbeatMs: number;
  /** for a disconnected client, to read the rest of what it was sent */
  readonly farewellMs: number;
}

export const liveLimits: LiveLimits = {
  maxConnections: 1_000,
  maxBufferedBytes: 1024 * 1024,
  maxMissed: 100_000,
  heartbeatMs: 15_000,
  farewellMs: 3_000,
};

/** Runs so many at once, the others after them. */
export function few(most: number): <R>(work: () => Promise<R>) => Promise<R> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    running++;
    try {
      return await work();
    } finally {
      running--;
      waiting.shift()?.();
    }
  };
}
