export type RankingDirection = 'asc' | 'desc';

/** How scores become a ranking. */
export interface Aggregation {
  /** Each ends at the end of the ranked cycle and reaches back so many hours; the first ones come first on the leaderboard. */
  readonly windows: readonly { readonly name: string; readonly hours: number }[];
  readonly value_field: string;
  /** a window, a metric, or a numeric field of the score */
  readonly ranking_key: string;
  readonly ranking_direction: RankingDirection;
}
