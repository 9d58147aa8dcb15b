import type { Partition } from './tenancy.ts';

/** Leases of one service: `score.3` for a partition, `rank` where there is one, `score@<id>` for a live instance. */
export const leaseNameOf = (service: string, partition: Partition, partitions: readonly Partition[]): string =>
  partitions.length === 1 ? service : `${service}.${partition}`;

export const instanceLease = (service: string, id: string): string => `${service}@${id}`;

/** The service a lease of a live instance is about; null for leases of partitions. */
export function serviceOfInstance(leaseName: string): string | null {
  const at = leaseName.indexOf('@');
  return at < 0 ? null : leaseName.slice(0, at);
}
