import type { SnapshotEvent } from '@crunch-node/streams';
import type { Placed } from '../closings.ts';
import type { MerkleCycleRow, SnapshotRow } from './tables.ts';

interface Rows {
  readonly snapshots?: readonly SnapshotRow[];
  readonly merkle_cycles?: readonly MerkleCycleRow[];
}

export function rowsOf({ event, sequence }: Placed<SnapshotEvent>): Rows {
  switch (event.type) {
    case 'SnapshotTaken':
      return { snapshots: [{ ...event.data, created_at: event.at, log_sequence: sequence }] };
    case 'CycleClosed': {
      const { merkle, end } = event.data;
      return merkle === null ? {} : { merkle_cycles: [{ ...merkle, created_at: end, log_sequence: sequence }] };
    }
  }
}
