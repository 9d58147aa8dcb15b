import { type Static, Type } from '@sinclair/typebox';
import { closingSchema, defineClosedStream, defineEvent, type EventOf, type StreamEvent } from './define.ts';
import { millisOf } from './instant.ts';
import { Instant } from './instant-schema.ts';
import { JsonObject, Nullable } from './json.ts';
import { escapeToken, idOf } from './token.ts';

/** Parts of 1,000,000,000. */
const Frac64 = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });
const ProviderReward = Type.Object({ provider: Type.String(), reward_pct: Frac64 });

export const Emission = Type.Object({
  crunch: Type.String(),
  cruncher_rewards: Type.Array(
    Type.Object({ cruncher_index: Type.Integer({ minimum: 0 }), model_id: Type.String(), reward_pct: Frac64 }),
  ),
  compute_provider_rewards: Type.Array(ProviderReward),
  data_provider_rewards: Type.Array(ProviderReward),
});
export type Emission = Static<typeof Emission>;

export const CheckpointRanking = Type.Object({
  model_id: Type.String(),
  prediction_count: Type.Integer({ minimum: 0 }),
  snapshot_count: Type.Integer({ minimum: 0 }),
  result_summary: JsonObject,
  /** number of the summary → why it is absent */
  unavailable: Type.Optional(Type.Record(Type.String(), Type.String())),
  rank: Type.Integer({ minimum: 1 }),
});
export type CheckpointRanking = Static<typeof CheckpointRanking>;

const checkpointId = Type.String();
const natsSubject = ({ checkpoint_id }: { checkpoint_id: string }): string =>
  `checkpoints.${escapeToken(checkpoint_id)}`;

/** Rewards of a period, `(period_start, period_end]`. `cruncher_index` i refers to `ranking[i]`. */
export const CheckpointCreated = defineEvent('CheckpointCreated', {
  v: 1,
  data: Type.Object({
    checkpoint_id: checkpointId,
    period_start: Instant,
    period_end: Instant,
    emission: Emission,
    snapshot_count: Type.Integer({ minimum: 1 }),
    ranking: Type.Array(CheckpointRanking),
    /** models without earnings that had no room at the end of the ranking; absent: none */
    ranking_omitted: Type.Optional(Type.Integer({ minimum: 0 })),
    /** root over the chained roots of the period's cycles */
    merkle_root: Nullable(Type.String()),
  }),
  id: ({ checkpoint_id }) => idOf('checkpoint', checkpoint_id, 'created'),
  natsSubject,
});
export type CheckpointCreated = EventOf<typeof CheckpointCreated>;

/** Name of the API key that requested a step; absent without keys. */
const by = Type.Optional(Type.String());

export const CheckpointSubmitted = defineEvent('CheckpointSubmitted', {
  v: 1,
  data: Type.Object({ checkpoint_id: checkpointId, tx_hash: Type.String({ minLength: 1 }), by }),
  id: ({ checkpoint_id }) => idOf('checkpoint', checkpoint_id, 'submitted'),
  natsSubject,
});
export type CheckpointSubmitted = EventOf<typeof CheckpointSubmitted>;

export const CheckpointClaimable = defineEvent('CheckpointClaimable', {
  v: 1,
  data: Type.Object({ checkpoint_id: checkpointId, by }),
  id: ({ checkpoint_id }) => idOf('checkpoint', checkpoint_id, 'claimable'),
  natsSubject,
});
export type CheckpointClaimable = EventOf<typeof CheckpointClaimable>;

export const CheckpointPaid = defineEvent('CheckpointPaid', {
  v: 1,
  data: Type.Object({ checkpoint_id: checkpointId, by }),
  id: ({ checkpoint_id }) => idOf('checkpoint', checkpoint_id, 'paid'),
  natsSubject,
});
export type CheckpointPaid = EventOf<typeof CheckpointPaid>;

export const CheckpointsCycleClosed = defineEvent('CycleClosed', {
  v: 1,
  data: closingSchema({
    /** end of the newest checkpoint's period, or null before the first */
    last_period_end: Nullable(Instant),
    /** why a checkpoint that was due was not made; its period continues */
    not_made: Type.Optional(Type.String()),
  }),
  id: ({ end }) => idOf('cycle', 'checkpoints', millisOf(end)),
  natsSubject: () => 'checkpoints.cycle',
});
export type CheckpointsCycleClosed = EventOf<typeof CheckpointsCycleClosed>;

/** `checkpoints.cycle` has the same form as other addresses: a checkpoint is never named `cycle`. */
export const checkpoints = defineClosedStream(
  'CHECKPOINTS',
  ['checkpoints.*'],
  [CheckpointCreated, CheckpointSubmitted, CheckpointClaimable, CheckpointPaid, CheckpointsCycleClosed],
  () => 'checkpoints.cycle',
);
export type CheckpointEvent = StreamEvent<typeof checkpoints>;
