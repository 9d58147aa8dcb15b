import type { PeerSeries } from './peer-series.ts';

/**
 * Mean prediction of several models as the reference has it: over all of them, a missing prediction counting 0, and
 * added up share by share. `peer-sums.ts` has the mean of the default profile.
 */
export function legacyPeerMean(peers: readonly PeerSeries[], length: number): Float64Array {
  const averages = new Float64Array(length);
  if (peers.length === 0) return averages.fill(Number.NaN);
  for (const { predictions } of peers) {
    for (let i = 0; i < Math.min(length, predictions.length); i++) {
      if (Number.isFinite(predictions[i])) averages[i]! += predictions[i]! / peers.length;
    }
  }
  return averages;
}
