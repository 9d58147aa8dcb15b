import { type LeaderboardEvent, leaderboards as leaderboardStream } from '@crunch-node/streams';
import type { PublishedBy } from '../closings.ts';
import { defineProjection } from '../define-projection.ts';
import { rowsOf } from './apply.ts';
import { ensembleWeights, leaderboardEntries, leaderboards } from './tables.ts';

export const leaderboardsProjection = defineProjection({
  name: 'leaderboards',
  version: 1,
  stream: leaderboardStream,
  tables: { leaderboards, leaderboard_entries: leaderboardEntries, ensemble_weights: ensembleWeights },
  publishedBy: ({ data }: LeaderboardEvent): PublishedBy => ({
    writer: 'rank',
    at: 'cycle_end' in data ? data.cycle_end : data.end,
  }),
  rowsOf,
});
