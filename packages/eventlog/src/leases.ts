import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import { crashPoint } from './crash-point.ts';
import type { LeaseBucket, LeaseView } from './lease-bucket.ts';
import type { HeldLease, Lease, Leases } from './log.ts';

/** Another instance may hold the lease from now on: stop at once. */
export class LeaseLost extends CrunchError {
  override readonly name = 'LeaseLost';
  override readonly code = 'lease_lost';
  readonly lease: string;
  constructor(lease: string, reason: string) {
    super(`the lease ${lease} was lost: ${reason}`);
    this.lease = lease;
  }
}

class AcquireAborted extends CrunchError {
  override readonly name = 'AbortError';
  override readonly code = 'aborted';
  constructor(lease: string, signal: AbortSignal) {
    super(`waiting for the lease ${lease} was aborted`, { cause: signal.reason });
  }
}

export interface LeaseTerms {
  /** name of the owner of leases taken here, for people */
  readonly owner: string;
  readonly leaseMs: number;
}

interface Holding {
  readonly revision: number;
  /** when the write that holds it was sent, by the monotonic clock: the server's count starts later */
  readonly since: number;
}

/** The entry in the bucket. */
interface Claim {
  readonly owner: string;
  /** identifies one period of ownership */
  readonly nonce: string;
  readonly note?: JsonObject;
}

const RETRY_MS = 50;

const claimIn = (value: string): Claim => JSON.parse(value) as Claim;

export function createLeases(bucket: LeaseBucket, { owner, leaseMs }: LeaseTerms): Leases {
  async function tryAcquire(name: string): Promise<Lease | null> {
    const claim: Claim = { owner, nonce: randomUUID() };
    const holding = await take(bucket, name, claim, leaseMs);
    if (holding === null) return null;
    bucket.announce(name);
    return hold(bucket, name, claim, leaseMs, holding);
  }

  return {
    leaseMs,
    tryAcquire,
    async acquire(name, signal) {
      if (signal.aborted) throw new AcquireAborted(name, signal);
      let wake = (): void => {};
      const leave = bucket.onChange(name, () => wake());
      try {
        for (;;) {
          const changed = new Promise<void>((resolve) => {
            wake = resolve;
          });
          const lease = await tryAcquire(name);
          if (lease !== null) {
            if (!signal.aborted) return lease;
            await lease.release();
          }
          await Promise.race([changed, delay(leaseMs / 4, undefined, { signal })]).catch(() => {});
          if (signal.aborted) throw new AcquireAborted(name, signal);
        }
      } finally {
        leave();
      }
    },
    async holders() {
      return new Map((await heldIn(bucket)).map((held) => [held.name, held.owner]));
    },
    held: (prefix) => heldIn(bucket, prefix),
    onChange: (listener) => bucket.onChange(null, listener),
  };
}

/** Leases currently held. */
export async function heldIn(view: LeaseView, prefix = ''): Promise<readonly HeldLease[]> {
  const names = (await view.names()).filter((name) => name.startsWith(prefix));
  const values = await Promise.all(names.map((name) => view.get(name)));
  return names.flatMap((name, i) => {
    const value = values[i]?.value ?? null;
    if (value === null) return [];
    const { owner, note = null } = claimIn(value);
    return [{ name, owner, note }];
  });
}

/** Takes it if it is free; null while another holds it. A lost response is looked up. */
async function take(bucket: LeaseBucket, name: string, claim: Claim, leaseMs: number): Promise<Holding | null> {
  let sentAt = performance.now();
  for (;;) {
    const current = await bucket.get(name);
    if (isOurs(current.value, claim)) return { revision: current.revision, since: sentAt };
    if (current.value !== null) return null;
    sentAt = performance.now();
    const revision = await bucket.put(name, JSON.stringify(claim), current.revision, leaseMs);
    if (revision === null) return null;
    if (revision !== undefined) return { revision, since: sentAt };
    await delay(RETRY_MS);
  }
}

const isOurs = (value: string | null, { nonce }: Claim): boolean => value !== null && claimIn(value).nonce === nonce;

function hold(bucket: LeaseBucket, name: string, claim: Claim, leaseMs: number, taken: Holding): Lease {
  let note: (() => JsonObject) | undefined;
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
    const value = JSON.stringify(note === undefined ? claim : { ...claim, note: note() });
    const revision = await bucket.put(name, value, holding.revision, remainingMs());
    crashPoint('lease-renewed');
    if (ended.signal.aborted) return;
    if (typeof revision === 'number') return armed({ revision, since: sentAt });
    if (revision === undefined) return void (await delay(RETRY_MS, undefined, { signal: ended.signal }));
    // Our own earlier renewal, whose response was lost, is a conflict too: the next renewal continues from it.
    const current = await bucket.get(name);
    if (current.value === null) return end('it expired');
    if (!isOurs(current.value, claim)) return end(`${claimIn(current.value).owner} took it`);
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
    annotate(next) {
      note = next;
    },
    async release() {
      if (ended.signal.aborted) return;
      const { revision } = holding;
      end('it was released');
      await kept;
      // A renewal may have been in flight: the newest of our own revisions is the one to remove.
      const current = await bucket.get(name).catch(() => ({ value: JSON.stringify(claim), revision }));
      if (isOurs(current.value, claim)) await bucket.remove(name, current.revision, leaseMs);
    },
  };
}
