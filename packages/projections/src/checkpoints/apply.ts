import type { CheckpointEvent } from '@crunch-node/streams';
import type { Placed } from '../closings.ts';
import type { CheckpointRow, CheckpointTransitionRow } from './tables.ts';

interface Rows {
  readonly checkpoints?: readonly CheckpointRow[];
  readonly checkpoint_transitions?: readonly CheckpointTransitionRow[];
}

export function rowsOf({ event, sequence }: Placed<CheckpointEvent>): Rows {
  const { at } = event;
  const step = (
    checkpoint_id: string,
    status: CheckpointTransitionRow['status'],
    tx_hash: string | null = null,
  ): Rows => ({ checkpoint_transitions: [{ checkpoint_id, status, at, tx_hash, log_sequence: sequence }] });
  switch (event.type) {
    case 'CheckpointCreated':
      return { checkpoints: [{ ...event.data, created_at: at, log_sequence: sequence }] };
    case 'CheckpointSubmitted':
      return step(event.data.checkpoint_id, 'SUBMITTED', event.data.tx_hash);
    case 'CheckpointClaimable':
      return step(event.data.checkpoint_id, 'CLAIMABLE');
    case 'CheckpointPaid':
      return step(event.data.checkpoint_id, 'PAID');
    case 'CycleClosed':
      return {};
  }
}
