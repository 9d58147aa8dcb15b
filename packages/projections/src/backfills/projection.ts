import { backfills } from '@crunch-node/streams';
import { defineProjection } from '../define-projection.ts';
import { rowsOf } from './apply.ts';
import { backfillJobs, backfillSteps } from './tables.ts';

/** Jobs belong to no cycle: they are requested and worked off next to the pipeline. */
export const backfillsProjection = defineProjection({
  name: 'backfills',
  version: 1,
  stream: backfills,
  tables: { backfill_jobs: backfillJobs, backfill_steps: backfillSteps },
  publishedBy: () => null,
  rowsOf,
});
