import type { ConstantSeries } from './constant-series.ts';
import { meanCorrelations } from './mean-correlations.ts';
import type { PeerSeries } from './peer-series.ts';
import { type PeerSums, peerSums } from './peer-sums.ts';
import { type EarlierOrder, type Ranked, ranked } from './ranked.ts';

/**
 * What the metrics of all models of a scope have in common, computed on first use: orders of series, sums over models,
 * the matrix of correlations. Without it every metric computes the same numbers on its own.
 */
export interface SharedWork {
  /** @param name under which the order is kept for later; several may share one series */
  ranked(name: string, values: Float64Array): Ranked;
  peerSums(): PeerSums;
  /** by name; a model without peers to compare with is not in it */
  meanCorrelations(constant: ConstantSeries): ReadonlyMap<string, number>;
  /** every order found so far, by the name of its series */
  orders(): ReadonlyMap<string, Int32Array>;
}

export const predictionsOf = (name: string): string => `predictions ${name}`;

export function sharedWork(
  peers: readonly PeerSeries[],
  length: number,
  earlier: (name: string) => EarlierOrder | undefined,
): SharedWork {
  const known = new Map<Float64Array, Ranked>();
  const orders = new Map<string, Int32Array>();
  let sums: PeerSums | undefined;
  const correlations = new Map<ConstantSeries, ReadonlyMap<string, number>>();

  function rankedOnce(name: string, values: Float64Array): Ranked {
    let series = known.get(values);
    if (series === undefined) {
      series = ranked(values, earlier(name));
      known.set(values, series);
      orders.set(name, series.order);
    }
    return series;
  }

  function correlate(constant: ConstantSeries): ReadonlyMap<string, number> {
    const series = peers.map(({ name, predictions }) => rankedOnce(predictionsOf(name), predictions as Float64Array));
    const averages = meanCorrelations(series, constant);
    return new Map(peers.flatMap(({ name }, i) => (Number.isNaN(averages[i]) ? [] : [[name, averages[i]!] as const])));
  }

  return {
    ranked: rankedOnce,
    peerSums() {
      sums ??= peerSums(peers, length);
      return sums;
    },
    meanCorrelations(constant) {
      const found = correlations.get(constant) ?? correlate(constant);
      correlations.set(constant, found);
      return found;
    },
    orders: () => orders,
  };
}
