import { isLastPart, type LeaderboardEvent, type LeaderboardRanked, type RankedEntry } from '@crunch-node/streams';
import type { Placed } from '../closings.ts';
import type { EnsembleWeightsRow, LeaderboardEntryRow, LeaderboardRow } from './tables.ts';

interface Rows {
  readonly leaderboards?: readonly LeaderboardRow[];
  readonly leaderboard_entries?: readonly LeaderboardEntryRow[];
  readonly ensemble_weights?: readonly EnsembleWeightsRow[];
}

export function rowsOf({ event, sequence }: Placed<LeaderboardEvent>): Rows {
  switch (event.type) {
    case 'LeaderboardRanked': {
      const { cycle_end, leaderboard_id, entries, ensembles } = event.data;
      return {
        // Seen once all of its parts are here.
        leaderboards: isLastPart(event.data)
          ? [{ cycle_end, leaderboard_id, created_at: event.at, log_sequence: sequence }]
          : [],
        leaderboard_entries: [
          ...entries.map((entry) => entryRow(event, 'model', entry)),
          ...ensembles.map((entry) => entryRow(event, 'ensemble', entry)),
        ],
      };
    }
    case 'EnsembleWeighted':
      return { ensemble_weights: [{ ...event.data, log_sequence: sequence }] };
    case 'CycleClosed':
      return {};
  }
}

const entryRow = (
  { data }: LeaderboardRanked,
  kind: LeaderboardEntryRow['kind'],
  { model_id, rank, score }: RankedEntry,
): LeaderboardEntryRow => ({
  cycle_end: data.cycle_end,
  kind,
  model_id,
  rank,
  score_metrics: score.metrics,
  score_ranking: score.ranking,
});
