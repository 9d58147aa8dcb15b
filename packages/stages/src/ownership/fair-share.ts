/** What one instance knows when it decides which partitions to work on. */
export interface Shares<P> {
  readonly partitions: readonly P[];
  /** of the service, this one included, oldest first: the same order for every instance */
  readonly instances: readonly string[];
  readonly self: string;
  /** owned here, oldest first, without those about to be given away */
  readonly owned: readonly P[];
  /** without owner, with how long they have been seen so */
  readonly free: ReadonlyMap<P, number>;
  /** the instances have been the same for long enough to give something away */
  readonly settled: boolean;
  readonly leaseMs: number;
}

export interface Decision<P> {
  readonly take: readonly P[];
  readonly handOver: readonly P[];
}

/**
 * How many partitions an instance should own: never more than `ceil(partitions / instances)`, one less for the later
 * ones where it does not come out even, so that all shares together are all partitions.
 */
export function fairShare(partitions: number, instances: number, rank: number): number {
  const count = Math.max(1, instances);
  return Math.floor(partitions / count) + (rank < partitions % count ? 1 : 0);
}

/**
 * Takes free partitions up to the fair share, and regardless of it what stayed free for two lease times; gives away
 * what exceeds it. Instances begin at different partitions, so that they seldom compete for one.
 */
export function decideShares<P>(shares: Shares<P>): Decision<P> {
  const { partitions, instances, self, owned, free, settled, leaseMs } = shares;
  const rank = Math.max(0, instances.indexOf(self));
  const fair = fairShare(partitions.length, instances.length, rank);
  const first = instances
    .slice(0, rank)
    .reduce((sum, _, i) => sum + fairShare(partitions.length, instances.length, i), 0);
  const inOurOrder = [...partitions.slice(first), ...partitions.slice(0, first)];
  const room = Math.max(0, fair - owned.length);
  const wanted = inOurOrder.filter((partition) => free.has(partition));
  const take = wanted.filter(
    (partition, i) => i < room || (free.get(partition) ?? 0) >= ABANDONED_AFTER_LEASES * leaseMs,
  );
  const handOver = settled ? owned.slice(fair) : [];
  return { take, handOver };
}

/** Free for long enough that an instance with a lower share could have taken it. */
const ABANDONED_AFTER_LEASES = 2;
