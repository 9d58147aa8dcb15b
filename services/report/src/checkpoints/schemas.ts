import { type Static, Type } from '@sinclair/typebox';
import { Count, NullableText, NullableTsZ, OpenObject, TsZ } from '../values/schemas.ts';

const Share = Type.Integer({ minimum: 0, maximum: 1_000_000_000, description: 'parts of 1,000,000,000' });
const ProviderReward = Type.Object({ provider: Type.String(), reward_pct: Share }, { title: 'ProviderReward' });

export const Emission = Type.Object(
  {
    crunch: Type.String(),
    cruncher_rewards: Type.Array(
      Type.Object({ cruncher_index: Type.Integer(), model_id: Type.String(), reward_pct: Share }),
    ),
    compute_provider_rewards: Type.Array(ProviderReward),
    data_provider_rewards: Type.Array(ProviderReward),
  },
  { title: 'Emission' },
);

const Ranked = Type.Object(
  {
    model_id: Type.String(),
    model_name: NullableText,
    cruncher_name: NullableText,
    prediction_count: Count,
    snapshot_count: Count,
    result_summary: OpenObject,
    rank: Type.Integer({ minimum: 1 }),
  },
  { title: 'Ranked' },
);

export const Checkpoint = Type.Object(
  {
    id: Type.String(),
    period_start: TsZ,
    period_end: TsZ,
    status: Type.Unsafe<'PENDING' | 'SUBMITTED' | 'CLAIMABLE' | 'PAID'>({
      type: 'string',
      enum: ['PENDING', 'SUBMITTED', 'CLAIMABLE', 'PAID'],
    }),
    entries: Type.Array(Emission),
    meta: Type.Object({ snapshot_count: Count, model_count: Count, ranking: Type.Array(Ranked) }),
    created_at: TsZ,
    tx_hash: NullableText,
    submitted_at: NullableTsZ,
    merkle_root: NullableText,
  },
  { title: 'Checkpoint' },
);
export type Checkpoint = Static<typeof Checkpoint>;
