import { type Static, Type } from '@sinclair/typebox';
import { Count, NullableNumber, NullableText, TsNaive, TsZ } from '../values/schemas.ts';
import { Checkpoint, Emission } from './schemas.ts';

const TsOff = Type.String({ description: 'UTC, for example 2026-11-21T19:07:17.605149+00:00' });

export const CheckpointPayload = Type.Object(
  {
    checkpoint_id: Type.String(),
    period_start: TsOff,
    period_end: TsOff,
    entries: Type.Array(Emission),
    merkle_root: NullableText,
  },
  { title: 'CheckpointPayload' },
);
export type CheckpointPayload = Static<typeof CheckpointPayload>;

const Percents = Type.Record(Type.String(), Type.Number({ minimum: 0, maximum: 100 }));

/** Percents by model and by provider, six decimals. */
export const CliFormat = Type.Object(
  {
    crunch: Type.String(),
    crunchEmission: Percents,
    computeProvider: Percents,
    dataProvider: Percents,
  },
  { title: 'CliFormat' },
);

const Prize = Type.Object(
  {
    prizeId: Type.String(),
    timestamp: Type.Integer({ description: 'whole seconds since the epoch' }),
    model: Type.String(),
    prize: Count,
  },
  { title: 'Prize' },
);
export const Prizes = Type.Array(Prize);

export const LatestPrizes = Type.Object(
  {
    checkpoint_id: Type.String(),
    status: Checkpoint.properties.status,
    period_start: TsOff,
    period_end: TsOff,
    total_prize: Count,
    prizes: Prizes,
  },
  { title: 'LatestPrizes' },
);

export const LatestEmission = Type.Object(
  {
    checkpoint_id: Type.String(),
    status: Checkpoint.properties.status,
    period_start: TsZ,
    period_end: TsZ,
    emission: Emission,
  },
  { title: 'LatestEmission' },
);

/** With every number of the model's summary in addition to the fixed fields. */
export const Reward = Type.Object(
  {
    checkpoint_id: Type.String(),
    period_start: TsZ,
    /** what charts put on their x-axis */
    period_end: TsNaive,
    model_id: Type.String(),
    model_name: NullableText,
    rank: Type.Integer({ minimum: 1 }),
    reward_pct: NullableNumber,
    prediction_count: Count,
  },
  { title: 'Reward', additionalProperties: true },
);
export type Reward = Static<typeof Reward>;
