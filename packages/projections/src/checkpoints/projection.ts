import { type CheckpointEvent, checkpoints as checkpointStream } from '@crunch-node/streams';
import type { PublishedBy } from '../closings.ts';
import { defineProjection } from '../define-projection.ts';
import { rowsOf } from './apply.ts';
import { checkpoints, checkpointTransitions } from './tables.ts';

/** Later steps of a checkpoint follow commands, at any time: only its creation belongs to a cycle. */
function publishedBy({ type, data }: CheckpointEvent): PublishedBy | null {
  switch (type) {
    case 'CheckpointCreated':
      return { writer: 'checkpoint', at: data.period_end };
    case 'CycleClosed':
      return { writer: 'checkpoint', at: data.end };
    case 'CheckpointSubmitted':
    case 'CheckpointClaimable':
    case 'CheckpointPaid':
      return null;
  }
}

export const checkpointsProjection = defineProjection({
  name: 'checkpoints',
  version: 1,
  stream: checkpointStream,
  tables: { checkpoints, checkpoint_transitions: checkpointTransitions },
  publishedBy,
  rowsOf,
});
