import type { RankedEntry } from '@crunch-node/streams';
import { bigint, integer, json, oneOf, text, timestamp } from '../columns.ts';
import { defineTable, type RowOf } from '../define-table.ts';

/** A ranking is published when it differs from the one before, so there are fewer of them than cycles. */
export const leaderboards = defineTable('leaderboards', {
  key: ['cycle_end'],
  columns: { cycle_end: timestamp, leaderboard_id: text, created_at: timestamp, log_sequence: bigint },
  observed: ['log_sequence'],
});
export type LeaderboardRow = RowOf<typeof leaderboards>;

export const leaderboardEntries = defineTable('leaderboard_entries', {
  key: ['cycle_end', 'kind', 'model_id'],
  columns: {
    cycle_end: timestamp,
    /** models and ensembles are ranked among themselves */
    kind: oneOf('model', 'ensemble'),
    model_id: text,
    rank: integer,
    score_metrics: json<RankedEntry['score']['metrics']>(),
    score_ranking: json<RankedEntry['score']['ranking']>(),
  },
});
export type LeaderboardEntryRow = RowOf<typeof leaderboardEntries>;

export const ensembleWeights = defineTable('ensemble_weights', {
  key: ['name', 'cycle_end'],
  columns: {
    name: text,
    cycle_end: timestamp,
    weights: json<Readonly<Record<string, number>>>(),
    log_sequence: bigint,
  },
  observed: ['log_sequence'],
});
export type EnsembleWeightsRow = RowOf<typeof ensembleWeights>;
