import { legacyContributionShares, legacyTierShares, pctToFrac64, providerRewards } from '@crunch-node/domain';
import type { Operations, VectorInput } from './vector.ts';

const emission = (input: VectorInput, shares: readonly number[], withProviders = true): unknown => ({
  crunch: input.crunch_pubkey,
  cruncher_rewards: shares.map((reward_pct, cruncher_index) => ({ cruncher_index, reward_pct })),
  compute_provider_rewards: withProviders ? providerRewards(input.compute_provider) : [],
  data_provider_rewards: withProviders ? providerRewards(input.data_provider) : [],
});

export const emissionOperations: Operations = {
  pct_to_frac64: ({ pct }) => pctToFrac64(pct),
  tier: (input) => emission(input, legacyTierShares(input.ranked_entries)),
  contribution_weighted: (input) =>
    emission(input, legacyContributionShares(input.ranked_entries, input.params), input.ranked_entries.length > 0),
};
