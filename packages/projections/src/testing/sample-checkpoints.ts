import {
  addSeconds,
  CheckpointClaimable,
  CheckpointCreated,
  CheckpointPaid,
  CheckpointSubmitted,
  CheckpointsCycleClosed,
  checkpoints,
  type Event,
  type Instant,
  instantOfMillis,
  millisOf,
} from '@crunch-node/streams';
import type { Sample } from './sample.ts';

/** Two checkpoints; the first goes all the way to PAID by commands, after the closing. */
export function checkpointLife(start: Instant, end: Instant): Sample[] {
  const created = (checkpoint_id: string, period_start: Instant, period_end: Instant): Event =>
    CheckpointCreated.at(period_end, {
      checkpoint_id,
      period_start,
      period_end,
      emission: {
        crunch: 'crunch-1',
        cruncher_rewards: [{ cruncher_index: 0, model_id: '2', reward_pct: 1_000_000_000 }],
        compute_provider_rewards: [{ provider: 'compute', reward_pct: 1_000_000_000 }],
        data_provider_rewards: [],
      },
      snapshot_count: 4,
      ranking: [
        { model_id: '2', prediction_count: 4, snapshot_count: 4, result_summary: { value: 0.5 }, rank: 1 },
        { model_id: 'gone', prediction_count: 1, snapshot_count: 1, result_summary: { value: 0.25 }, rank: 2 },
      ],
      merkle_root: 'c'.repeat(64),
    });
  const middle = instantOfMillis((millisOf(start) + millisOf(end)) / 2);
  const ids = { checkpoint_id: 'CKP_first' };
  const submitted = { ...ids, tx_hash: '0xabc' };
  const closing = { start, end, config_hash: 'hash', last_period_end: end };
  return [
    created('CKP_first', start, middle),
    created('CKP_second', middle, end),
    CheckpointsCycleClosed.at(end, closing),
    CheckpointSubmitted.at(addSeconds(middle, 90.5), submitted),
    CheckpointClaimable.at(addSeconds(middle, 100), ids),
    CheckpointPaid.at(addSeconds(middle, 110), ids),
  ].map((event) => ({ stream: checkpoints, event }));
}
