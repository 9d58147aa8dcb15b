import type { EmissionBuilder, EmissionEntry } from '../crunch-config.ts';
import { emissionOf } from './emission-of.ts';
import { pctToFrac64, shareOut, WHOLE } from './frac64.ts';

/** Percent for a place, counted from 1. */
export const tierPct = (place: number): number => {
  if (place === 1) return 35;
  if (place >= 2 && place <= 5) return 10;
  return place >= 6 && place <= 10 ? 5 : 0;
};

/** Distributes what a short field leaves unclaimed equally among all. */
function withUnclaimed(tiers: readonly number[]): number[] {
  const unclaimed = Math.max(0, 100 - tiers.reduce((sum, pct) => sum + pct, 0));
  return tiers.map((pct) => pct + unclaimed / tiers.length);
}

/**
 * 35 % for the first, 10 % for places 2 to 5, 5 % for places 6 to 10; what a short field leaves unclaimed is shared
 * equally. Places are positions in the list, so equal ranks cannot claim more than there is.
 */
export const tierEmission: EmissionBuilder = (ranking, payees) =>
  ranking.length === 0
    ? emissionOf([], [], payees)
    : emissionOf(ranking, shareOut(withUnclaimed(ranking.map((_, i) => tierPct(i + 1)))), payees);

/**
 * The reference's way: places are the ranks as given, each share is rounded by itself, and the first of the list gets
 * the difference, which equal ranks can make negative.
 */
export const legacyTierShares = (ranking: readonly Partial<Pick<EmissionEntry, 'rank'>>[]): number[] =>
  roundedByFirst(withUnclaimed(ranking.map(({ rank }) => tierPct(rank ?? 0))));

/** Percents as parts of a whole, each rounded by itself; the first takes what that leaves. */
export function roundedByFirst(pcts: readonly number[]): number[] {
  const [first, ...others] = pcts.map(pctToFrac64);
  if (first === undefined) return [];
  return [WHOLE - others.reduce((sum, part) => sum + part, 0), ...others];
}
