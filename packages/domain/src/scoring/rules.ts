import type { CrunchConfig } from '../crunch-config.ts';

/** Settings of a competition that scoring needs. */
export type ScoreRules = Pick<
  CrunchConfig,
  | 'output_type'
  | 'ground_truth_type'
  | 'score_type'
  | 'scoring_function'
  | 'resolve_ground_truth'
  | 'max_ground_truth_staleness_fraction'
> &
  Partial<Pick<CrunchConfig, 'max_event_bytes'>>;
