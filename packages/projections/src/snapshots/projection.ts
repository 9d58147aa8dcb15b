import { type SnapshotEvent, snapshots as snapshotStream } from '@crunch-node/streams';
import type { PublishedBy } from '../closings.ts';
import { defineProjection } from '../define-projection.ts';
import { rowsOf } from './apply.ts';
import { merkleCycles, snapshots } from './tables.ts';

export const snapshotsProjection = defineProjection({
  name: 'snapshots',
  version: 1,
  stream: snapshotStream,
  tables: { snapshots, merkle_cycles: merkleCycles },
  publishedBy: ({ data }: SnapshotEvent): PublishedBy => ({
    writer: 'snapshot',
    at: 'cycle_end' in data ? data.cycle_end : data.end,
  }),
  rowsOf,
});
