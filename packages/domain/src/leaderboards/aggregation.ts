export type RankingDirection = 'asc' | 'desc';

/** A score over the last so many hours. */
export interface AggregationWindow {
  readonly name: string;
  /** it ends at the end of the ranked cycle and reaches back so far */
  readonly hours: number;
  /** scored rounds it takes to be ranked by this window; absent: one is enough */
  readonly min_rounds?: number;
  /** the same as a share, above 0 to 1, of the rounds of the model with the most */
  readonly min_share?: number;
}

/**
 * A model's result among those of its round: 1 for the best, 0 for the one at the percentile and all beyond it, in
 * proportion between them.
 */
export interface RelativeScore {
  /** the number of the score that is compared */
  readonly of: string;
  /** its name in snapshots */
  readonly name: string;
  /** `asc`: less is better */
  readonly better: RankingDirection;
  /** above 0, at most 100; 95: the worst 5 % have 0 */
  readonly worst_percentile: number;
}

/** How scores become a ranking. */
export interface Aggregation {
  /** in order: the first ones come first on the leaderboard */
  readonly windows: readonly AggregationWindow[];
  /**
   * `ignored` (the default): a score counts the same however few rounds it comes from. `counted`: rankings have the number
   * of rounds with each score. Always counted where a window has a minimum.
   */
  readonly coverage?: 'ignored' | 'counted';
  /** an additional score: how good a result is among those of its round; absent: none */
  readonly relative?: RelativeScore;
  readonly value_field: string;
  /** a window, a metric, or a numeric field of the score */
  readonly ranking_key: string;
  readonly ranking_direction: RankingDirection;
}
