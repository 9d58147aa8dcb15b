import { normalizeIP } from '@fastify/rate-limit';

/** So many different wrong keys may be tried in a minute from one address. */
const TRIES = 20;
const WINDOW_MS = 60_000;
/** Addresses remembered; beyond that the oldest are forgotten. */
const ADDRESSES = 10_000;

interface Tried {
  readonly untilMs: number;
  readonly digests: Set<string>;
}

export interface FailedAttempts {
  /** seconds until the address may try again; 0 when it may now */
  waitSeconds(address: string): number;
  /** @returns whether this was the last attempt allowed */
  failed(address: string, digest: Buffer): boolean;
}

/**
 * Counts different keys, not requests: a dashboard that keeps sending one wrong key guesses nothing, and must not lock
 * out clients behind the same address with a right one.
 */
export function countFailedAttempts(nowMs: () => number = () => performance.now()): FailedAttempts {
  const byAddress = new Map<string, Tried>();
  const triedAt = (address: string): Tried | undefined => {
    const tried = byAddress.get(address);
    if (tried === undefined || tried.untilMs > nowMs()) return tried;
    byAddress.delete(address);
    return undefined;
  };
  return {
    waitSeconds(address) {
      const tried = triedAt(normalizeIP(address));
      return tried !== undefined && tried.digests.size >= TRIES ? Math.ceil((tried.untilMs - nowMs()) / 1000) : 0;
    },
    failed(address, digest) {
      const network = normalizeIP(address);
      const tried = triedAt(network) ?? { untilMs: nowMs() + WINDOW_MS, digests: new Set() };
      const before = tried.digests.size;
      tried.digests.add(digest.toString('base64'));
      byAddress.set(network, tried);
      if (byAddress.size > ADDRESSES) byAddress.delete(byAddress.keys().next().value as string);
      return before < TRIES && tried.digests.size >= TRIES;
    },
  };
}
