/** The lease of a partition: `score.3`; `rank` where there is one partition. */
export const leaseNameOf = (
  service: string,
  partition: string | number,
  partitions: readonly (string | number)[],
): string => (partitions.length === 1 ? service : `${service}.${partition}`);
