import {
  type CheckpointStanding,
  cliFormat,
  decideConfirm,
  decideStatus,
  prizes,
  rewardRows,
  type TransitionDecision,
} from '@crunch-node/domain';
import type { Emission } from '@crunch-node/streams';
import { emission } from './emission.ts';
import { snapshotOf } from './leaderboard.ts';
import { type LegacyModel, legacyCheckpoint, legacyIsDue } from './reference/checkpoint.ts';
import { instantOf } from './times.ts';
import type { Operations, VectorInput } from './vector.ts';

const orNull = (time: string | null) => (time === null ? null : instantOf(time));
const shown = (instant: string): string => instant.replace('.000000Z', '+00:00').replace('Z', '+00:00');

function create(input: VectorInput): unknown {
  const settings = { ...input, last_period_end: orNull(input.last_checkpoint_period_end) };
  const models = input.models as readonly LegacyModel[];
  const checkpoint = legacyCheckpoint(instantOf(input.now), settings, input.snapshots.map(snapshotOf), models);
  if (checkpoint === null) return null;
  const { id, period_start, period_end, snapshot_count, ranking } = checkpoint;
  return {
    id,
    period_start: shown(period_start),
    period_end: shown(period_end),
    status: 'PENDING',
    entries: [emission(input.emission, { ...input, ranked_entries: ranking })],
    meta: { snapshot_count, model_count: ranking.length, ranking },
    tx_hash: null,
  };
}

const standingOf = (current: CheckpointStanding['status'] | null): CheckpointStanding | null =>
  current === null ? null : { status: current, tx_hash: null };

const answer = (current: string | null, decision: TransitionDecision, submitted: boolean): unknown =>
  decision.ok
    ? { http_status: 200, status: decision.status, tx_hash: decision.tx_hash, submitted_at_set: submitted }
    : { http_status: decision.http_status, status: current };

function exports({ ranked, ranking_entries, compute_provider, data_provider, total_prize }: VectorInput): unknown {
  const field = Array.from({ length: ranked }, (_, i) => ({ model_id: `m${i + 1}`, rank: i + 1 }));
  const tiers = { ranked_entries: field, crunch_pubkey: 'pk', compute_provider, data_provider };
  const paid = emission('tier', tiers) as Emission;
  const ranking = field.slice(0, ranking_entries);
  const checkpoint = { id: 'CKP_1', period_end: instantOf('2026-01-08T00:00:00Z'), emission: paid, ranking };
  return {
    emission: paid,
    cli_format: cliFormat(paid, ranking),
    prizes: prizes(checkpoint, total_prize, { profile: 'legacy' }),
    rewards: rewardRows(paid, ranking),
  };
}

export const checkpointOperations: Operations = {
  create,
  maybe: ({ now, last_checkpoint_period_end, interval_seconds }) => ({
    created: legacyIsDue(instantOf(now), orNull(last_checkpoint_period_end), interval_seconds),
  }),
  patch_status: ({ current, body }) =>
    answer(current, decideStatus(standingOf(current), body, { profile: 'legacy' }), false),
  confirm: ({ current, body }) => answer(current, decideConfirm(standingOf(current), body.tx_hash), true),
  exports,
};
