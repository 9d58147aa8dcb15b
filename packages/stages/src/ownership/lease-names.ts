import type { Partition } from './partition.ts';

/** Leases of one service: `score.3` for a partition, `rank` where there is one, `score@<start>-<id>` for a live instance. */
export const leaseNameOf = (service: string, partition: Partition, partitions: readonly Partition[]): string =>
  partitions.length === 1 ? service : `${service}.${partition}`;

/** Sorts by age, as the instances' clocks see it: who is older is asked to move less. */
export const instanceLease = (service: string, startedMs: number, id: string): string =>
  `${service}@${String(startedMs).padStart(15, '0')}-${id}`;

/** The service a lease of a live instance is about; null for leases of partitions. */
export function serviceOfInstance(leaseName: string): string | null {
  const at = leaseName.indexOf('@');
  return at < 0 ? null : leaseName.slice(0, at);
}
