import { type SignalEvent, signals as signalStream } from '@crunch-node/streams';
import type { PublishedBy } from '../closings.ts';
import { defineProjection } from '../define-projection.ts';
import { rowsOf } from './apply.ts';
import { ensembles, signals } from './tables.ts';

export const signalsProjection = defineProjection({
  name: 'signals',
  version: 1,
  stream: signalStream,
  tables: { signals, ensembles },
  publishedBy: ({ data }: SignalEvent): PublishedBy => ({
    writer: 'ensemble',
    at: 'performed_at' in data ? data.performed_at : data.end,
  }),
  rowsOf,
});
