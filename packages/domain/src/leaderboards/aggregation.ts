export type RankingDirection = 'asc' | 'desc';

/** A score over the last so many hours. */
export interface AggregationWindow {
  readonly name: string;
  /** it ends at the end of the ranked cycle and reaches back so far */
  readonly hours: number;
  /** scored rounds it takes to be ranked by this window; absent: one is enough */
  readonly min_rounds?: number;
  /** the same as a share, above 0 to 1, of what the model with the most rounds in it has */
  readonly min_share?: number;
}

/** How scores become a ranking. */
export interface Aggregation {
  /** in order: the first ones come first on the leaderboard */
  readonly windows: readonly AggregationWindow[];
  /**
   * `ignored` (the default): however few rounds a score comes from, it counts as any other. `counted`: rankings have
   * the rounds beside each score. Always counted where a window has a minimum.
   */
  readonly coverage?: 'ignored' | 'counted';
  readonly value_field: string;
  /** a window, a metric, or a numeric field of the score */
  readonly ranking_key: string;
  readonly ranking_direction: RankingDirection;
}
