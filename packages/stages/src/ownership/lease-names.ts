/** Leases of live instances: `score@<start>-<id>`. Those of partitions: `leaseNameOf` of the pipeline. */

/** Sorts by age, as the instances' clocks report it: older instances have to move less. */
export const instanceLease = (service: string, startedMs: number, id: string): string =>
  `${service}@${String(startedMs).padStart(15, '0')}-${id}`;

/** The service of a live instance's lease; null for leases of partitions. */
export function serviceOfInstance(leaseName: string): string | null {
  const at = leaseName.indexOf('@');
  return at < 0 ? null : leaseName.slice(0, at);
}
