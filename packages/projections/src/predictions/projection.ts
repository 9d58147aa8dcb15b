import { type PredictionEvent, predictions as predictionStream } from '@crunch-node/streams';
import type { PublishedBy } from '../closings.ts';
import { defineProjection } from '../define-projection.ts';
import { rowsOf } from './apply.ts';
import { predictions, rounds } from './tables.ts';

export const predictionsProjection = defineProjection({
  name: 'predictions',
  version: 2,
  stream: predictionStream,
  tables: { rounds, predictions },
  publishedBy: ({ data }: PredictionEvent): PublishedBy => ({
    writer: String(data.partition),
    at: 'performed_at' in data ? data.performed_at : data.end,
  }),
  rowsOf,
});
