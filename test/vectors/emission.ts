import { legacyContributionShares, legacyTierShares, pctToFrac64, providerRewards } from '@crunch-node/domain';
import type { Operations, VectorInput } from './vector.ts';

/**
 * The reference's emission: places without model ids, and nothing for providers when no model is ranked by
 * contribution.
 */
export function emission(strategy: 'tier' | 'contribution_weighted', input: VectorInput): unknown {
  const { ranked_entries, params = {}, crunch_pubkey, compute_provider, data_provider } = input;
  const byTier = strategy === 'tier';
  const shares = byTier ? legacyTierShares(ranked_entries) : legacyContributionShares(ranked_entries, params);
  const rewards = (provider: string | null) => (byTier || shares.length > 0 ? providerRewards(provider) : []);
  return {
    crunch: crunch_pubkey,
    cruncher_rewards: shares.map((reward_pct, cruncher_index) => ({ cruncher_index, reward_pct })),
    compute_provider_rewards: rewards(compute_provider),
    data_provider_rewards: rewards(data_provider),
  };
}

export const emissionOperations: Operations = {
  pct_to_frac64: ({ pct }) => pctToFrac64(pct),
  tier: (input) => emission('tier', input),
  contribution_weighted: (input) => emission('contribution_weighted', input),
};
