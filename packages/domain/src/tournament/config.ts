/** A competition whose rounds come by command instead of from a feed. */
export interface TournamentConfig {
  /** of one round; more are refused */
  readonly max_samples: number;
}
