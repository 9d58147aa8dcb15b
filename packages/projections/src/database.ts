import type { BackfillJobRow, BackfillStepRow } from './backfills/tables.ts';
import type { CheckpointRow, CheckpointTransitionRow } from './checkpoints/tables.ts';
import type { ConfigActivationRow, ScheduledConfigRow } from './configurations/tables.ts';
import type { FeedIngestionStateRow, FeedRecordRow } from './feeds/tables.ts';
import type { EnsembleWeightsRow, LeaderboardEntryRow, LeaderboardRow } from './leaderboards/tables.ts';
import type { ModelRow, ModelStateRow } from './models/tables.ts';
import type { PredictionRow, RoundRow } from './predictions/tables.ts';
import type { PositionsTable } from './read-model/positions-table.ts';
import type {
  ScoreCycleRow,
  ScoreDayRow,
  ScoredRoundRow,
  ScoreHourRow,
  ScoreRow,
  ScoreScopeRow,
} from './scores/tables.ts';
import type { EnsembleRow, SignalRow } from './signals/tables.ts';
import type { MerkleCycleRow, SnapshotRow } from './snapshots/tables.ts';
import type { FillRow, PortfolioMarkRow } from './trading/tables.ts';

/** The tables of the read model as Kysely sees them; the rows follow from the table definitions. */
export interface Database {
  backfill_jobs: BackfillJobRow;
  backfill_steps: BackfillStepRow;
  checkpoint_transitions: CheckpointTransitionRow;
  checkpoints: CheckpointRow;
  config_activations: ConfigActivationRow;
  ensemble_weights: EnsembleWeightsRow;
  ensembles: EnsembleRow;
  feed_ingestion_state: FeedIngestionStateRow;
  feed_records: FeedRecordRow;
  fills: FillRow;
  leaderboard_entries: LeaderboardEntryRow;
  leaderboards: LeaderboardRow;
  merkle_cycles: MerkleCycleRow;
  model_states: ModelStateRow;
  models: ModelRow;
  portfolio_marks: PortfolioMarkRow;
  /** of the projections, not of any one of them */
  positions: PositionsTable;
  predictions: PredictionRow;
  rounds: RoundRow;
  scheduled_configs: ScheduledConfigRow;
  scored_rounds: ScoredRoundRow;
  score_cycles: ScoreCycleRow;
  score_days: ScoreDayRow;
  score_hours: ScoreHourRow;
  score_scopes: ScoreScopeRow;
  scores: ScoreRow;
  signals: SignalRow;
  snapshots: SnapshotRow;
}
