import {
  type LegacyPrediction,
  type LegacyRecord,
  type LegacyStores,
  legacyResolveActuals,
  legacyResolveGroundTruth,
} from './reference/ground-truth.ts';
import { instantOf } from './times.ts';
import type { Operations, VectorInput } from './vector.ts';

export const recordOf = (record: VectorInput): LegacyRecord => ({ ...record, ts_event: instantOf(record.ts_event) });

export const storesOf = ({ staleness_fraction, reader_defaults, inputs, feed_records }: VectorInput): LegacyStores => ({
  staleness_fraction,
  reader_defaults,
  inputs,
  feed_records: feed_records.map(recordOf),
});

export const predictionOf = <T extends LegacyPrediction>(prediction: VectorInput): T => ({
  ...prediction,
  performed_at: instantOf(prediction.performed_at),
  resolvable_at: prediction.resolvable_at === null ? null : instantOf(prediction.resolvable_at),
});

export const groundTruthOperations: Operations = {
  default_resolve: ({ records }) => legacyResolveGroundTruth(records.map(recordOf)),
  resolve_actuals: (input) => legacyResolveActuals(predictionOf(input.prediction), storesOf(input)),
};
