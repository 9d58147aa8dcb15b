import type { LegacySnapshot } from './reference/checkpoint.ts';
import { legacyRebuild } from './reference/leaderboard.ts';
import {
  type LegacyReport,
  legacyLeaderboardRows,
  legacyModelsGlobal,
  legacyModelsParams,
} from './reference/model-scores.ts';
import { instantOf } from './times.ts';
import type { Operations, VectorInput } from './vector.ts';

export const snapshotOf = (taken: VectorInput): LegacySnapshot => ({
  ...taken,
  period_start: instantOf(taken.period_start),
  period_end: instantOf(taken.period_end),
});

const reportOf = (input: VectorInput): LegacyReport => ({
  ...input,
  now: instantOf(input.now),
  start: instantOf(input.start),
  end: instantOf(input.end),
  predictions: input.predictions.map((answers: VectorInput) => ({
    ...answers,
    performed_at: instantOf(answers.performed_at),
  })),
  snapshots: input.snapshots.map(snapshotOf),
});

export const leaderboardOperations: Operations = {
  rebuild: ({ now, aggregation, snapshots, models }) =>
    legacyRebuild(instantOf(now), aggregation, snapshots.map(snapshotOf), models),
  models_global: (input) => legacyModelsGlobal(reportOf(input)),
  models_params: (input) => legacyModelsParams(reportOf(input)),
  leaderboard_report: ({ created_at, entries, include_ensembles }) =>
    legacyLeaderboardRows(created_at, entries, include_ensembles),
};
