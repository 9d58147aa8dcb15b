import type { EmissionBuilder } from '../crunch-config.ts';
import { shareOut } from './frac64.ts';
import { emissionOf } from './providers.ts';

/** Percent for a place, counted from 1. */
export const tierPct = (place: number): number => {
  if (place === 1) return 35;
  if (place >= 2 && place <= 5) return 10;
  return place >= 6 && place <= 10 ? 5 : 0;
};

/**
 * 35 % for the first, 10 % for places 2 to 5, 5 % for places 6 to 10; what a short field leaves unclaimed is shared
 * equally. Places are positions in the list.
 */
export const tierEmission: EmissionBuilder = (ranking, payees) => {
  if (ranking.length === 0) return emissionOf([], [], payees);
  const tiers = ranking.map((_, i) => tierPct(i + 1));
  const unclaimed = 100 - tiers.reduce((sum, pct) => sum + pct, 0);
  return emissionOf(ranking, shareOut(tiers.map((pct) => pct + unclaimed / ranking.length)), payees);
};
