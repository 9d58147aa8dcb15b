import type { MetricProfile, PeerSeries } from './metric.ts';

/**
 * Mean prediction of several models, round by round: over those that answered, or, as the reference has it, over all
 * of them, where a missing answer counts 0. Not finite where nobody answered.
 */
export function peerMean(peers: readonly PeerSeries[], length: number, profile: MetricProfile): number[] {
  return Array.from({ length }, (_, i) => {
    const said = peers.map(({ predictions }) => predictions[i]).filter((value) => Number.isFinite(value)) as number[];
    const count = profile === 'legacy' ? peers.length : said.length;
    if (count === 0) return Number.NaN;
    return said.reduce((sum, value) => sum + value / count, 0);
  });
}
