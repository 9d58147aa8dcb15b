import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { LeaseBucket } from './lease-bucket.ts';
import type { Lease, Leases } from './log.ts';

/** Somebody else may hold the lease from now on: stop at once. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
  readonly lease: string;
  constructor(lease: string, reason: string) {
    super(`the lease ${lease} was lost: ${reason}`);
    this.lease = lease;
  }
}

class AcquireAborted extends Error {
  override readonly name = 'AbortError';
  constructor(lease: string, signal: AbortSignal) {
    super(`waiting for the lease ${lease} was aborted`, { cause: signal.reason });
  }
}

export interface LeaseTerms {
  /** who holds what this process takes, for people */
  readonly owner: string;
  readonly leaseMs: number;
}

interface Holding {
  readonly revision: number;
  /** when the write that holds it was sent, by the monotonic clock: the server counts from later */
  readonly since: number;
}

const RETRY_MS = 50;

export function createLeases(bucket: LeaseBucket, { owner, leaseMs }: LeaseTerms): Leases {
  return {
    async acquire(name, signal) {
      if (signal.aborted) throw new AcquireAborted(name, signal);
      const value = JSON.stringify({ owner, nonce: randomUUID() });
      let wake = (): void => {};
      const leave = bucket.onReleased(name, () => wake());
      try {
        for (;;) {
          const released = new Promise<void>((resolve) => {
            wake = resolve;
          });
          const holding = await take(bucket, name, value, leaseMs);
          if (holding !== null) {
            if (!signal.aborted) return hold(bucket, name, value, leaseMs, holding);
            await bucket.remove(name, holding.revision, leaseMs);
          }
          await Promise.race([released, delay(leaseMs / 4, undefined, { signal })]).catch(() => {});
          if (signal.aborted) throw new AcquireAborted(name, signal);
        }
      } finally {
        leave();
      }
    },
    async holders() {
      const held = new Map<string, string>();
      for (const name of await bucket.names()) {
        const { value } = await bucket.get(name);
        if (value !== null) held.set(name, ownerIn(value));
      }
      return held;
    },
  };
}

const ownerIn = (value: string): string => (JSON.parse(value) as { owner: string }).owner;

/** Takes it if it is free; null while another holds it. An answer that got lost is looked up. */
async function take(bucket: LeaseBucket, name: string, value: string, leaseMs: number): Promise<Holding | null> {
  let sentAt = performance.now();
  for (;;) {
    const current = await bucket.get(name);
    if (current.value === value) return { revision: current.revision, since: sentAt };
    if (current.value !== null) return null;
    sentAt = performance.now();
    const revision = await bucket.put(name, value, current.revision, leaseMs);
    if (revision === null) return null;
    if (revision !== undefined) return { revision, since: sentAt };
    await delay(RETRY_MS);
  }
}

function hold(bucket: LeaseBucket, name: string, value: string, leaseMs: number, taken: Holding): Lease {
  const ended = new AbortController();
  let holding = taken;
  let overdue: NodeJS.Timeout;

  const end = (reason: string): void => {
    clearTimeout(overdue);
    ended.abort(new LeaseLost(name, reason));
  };
  const remainingMs = (): number => holding.since + leaseMs - performance.now();
  function armed(next: Holding): void {
    holding = next;
    clearTimeout(overdue);
    overdue = setTimeout(() => end('its renewal is overdue'), remainingMs());
  }

  async function renew(): Promise<void> {
    const sentAt = performance.now();
    const revision = await bucket.put(name, value, holding.revision, remainingMs());
    if (ended.signal.aborted) return;
    if (typeof revision === 'number') return armed({ revision, since: sentAt });
    if (revision === undefined) return void (await delay(RETRY_MS, undefined, { signal: ended.signal }));
    // Our own earlier renewal, whose answer got lost, is a conflict too: then the next one starts from there.
    const current = await bucket.get(name);
    if (current.value !== value)
      return end(current.value === null ? 'it expired' : `${ownerIn(current.value)} took it`);
    holding = { ...holding, revision: current.revision };
  }

  async function keep(): Promise<void> {
    while (!ended.signal.aborted) {
      const dueMs = Math.max(0, holding.since + leaseMs / 3 - performance.now());
      try {
        await delay(dueMs, undefined, { signal: ended.signal });
        await renew();
      } catch (error) {
        if (!ended.signal.aborted) end(`it could not be renewed: ${(error as Error).message}`);
      }
    }
  }

  armed(taken);
  const kept = keep();
  return {
    name,
    signal: ended.signal,
    async release() {
      if (ended.signal.aborted) return;
      const { revision } = holding;
      end('it was released');
      await kept;
      // A renewal may have been under way: the newest of our revisions is the one to remove.
      const current = await bucket.get(name).catch(() => ({ value, revision }));
      if (current.value === value) await bucket.remove(name, current.revision, leaseMs);
    },
  };
}
