import type { Emission } from '@crunch-node/streams';
import { WHOLE } from './frac64.ts';

export interface Payees {
  readonly crunch_pubkey: string;
  readonly compute_provider: string | null;
  readonly data_provider: string | null;
}

/** A provider that is named gets all of its kind's rewards. */
export const providerRewards = (provider: string | null): Emission['data_provider_rewards'] =>
  provider === null || provider === '' ? [] : [{ provider, reward_pct: WHOLE }];

/** @param shares by position in the ranking; models with a share of 0 are left out */
export const emissionOf = (
  ranking: readonly { readonly model_id: string }[],
  shares: readonly number[],
  { crunch_pubkey, compute_provider, data_provider }: Payees,
): Emission => ({
  crunch: crunch_pubkey,
  cruncher_rewards: ranking
    .map(({ model_id }, i) => ({ cruncher_index: i, model_id, reward_pct: shares[i]! }))
    .filter(({ reward_pct }) => reward_pct > 0),
  compute_provider_rewards: providerRewards(compute_provider),
  data_provider_rewards: providerRewards(data_provider),
});
