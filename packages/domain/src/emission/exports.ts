/** A checkpoint's emission in the forms other tools read. */
import { type Emission, type Instant, millisOf } from '@crunch-node/streams';
import { roundDecimals } from '../round-decimals.ts';
import { roundHalfEven, WHOLE } from './frac64.ts';
import { shareIntegers } from './share-integers.ts';

export interface CliFormat {
  readonly crunch: string;
  readonly crunchEmission: Readonly<Record<string, number>>;
  readonly computeProvider: Readonly<Record<string, number>>;
  readonly dataProvider: Readonly<Record<string, number>>;
}

type Ranked = readonly { readonly model_id: string; readonly rank: number }[];

const pctOf = (part: number, decimals: number): number => roundDecimals((part / WHOLE) * 100, decimals);

/** The receiver of a reward: the model at that place of the ranking, or the place itself where the ranking is shorter. */
const modelOf = (ranking: Ranked, index: number): string => ranking[index]?.model_id ?? String(index);

/** Percents by model id; the operator maps models to wallets. */
export const cliFormat = (emission: Emission, ranking: Ranked): CliFormat => ({
  crunch: emission.crunch,
  crunchEmission: Object.fromEntries(
    emission.cruncher_rewards.map(({ cruncher_index, reward_pct }) => [
      modelOf(ranking, cruncher_index),
      pctOf(reward_pct, 6),
    ]),
  ),
  computeProvider: byProvider(emission.compute_provider_rewards),
  dataProvider: byProvider(emission.data_provider_rewards),
});

const byProvider = (rewards: Emission['data_provider_rewards']): Record<string, number> =>
  Object.fromEntries(rewards.map(({ provider, reward_pct }) => [provider, pctOf(reward_pct, 6)]));

export interface Prize {
  readonly prizeId: string;
  /** whole seconds since the epoch */
  readonly timestamp: number;
  readonly model: string;
  readonly prize: number;
}

/**
 * Whole prizes. By default they add up to the total; `legacy` rounds each by itself.
 * @param total a whole number, 0 or more
 */
export function prizes(
  checkpoint: {
    readonly id: string;
    readonly period_end: Instant;
    readonly emission: Emission;
    readonly ranking: Ranked;
  },
  total: number,
  { profile = 'default' }: { readonly profile?: 'default' | 'legacy' } = {},
): Prize[] {
  const rewards = checkpoint.emission.cruncher_rewards;
  const shares =
    profile === 'legacy' || rewards.length === 0
      ? rewards.map(({ reward_pct }) => roundHalfEven(total * (reward_pct / WHOLE)))
      : shareIntegers(
          rewards.map(({ reward_pct }) => reward_pct),
          total,
        );
  return rewards.map(({ cruncher_index }, i) => {
    const model = modelOf(checkpoint.ranking, cruncher_index);
    const timestamp = Math.floor(millisOf(checkpoint.period_end) / 1000);
    return { prizeId: `${checkpoint.id}-${model}`, timestamp, model, prize: shares[i]! };
  });
}

export interface RewardRow {
  readonly model_id: string;
  readonly rank: number;
  /** percent; null: nothing */
  readonly reward_pct: number | null;
}

/** One row per ranked model. */
export function rewardRows(emission: Emission, ranking: Ranked): RewardRow[] {
  const byPlace = new Map(
    emission.cruncher_rewards.map(({ cruncher_index, reward_pct }) => [cruncher_index, reward_pct]),
  );
  return ranking.map(({ model_id, rank }) => {
    const reward = byPlace.get(rank - 1);
    return { model_id, rank, reward_pct: reward === undefined ? null : pctOf(reward, 4) };
  });
}
