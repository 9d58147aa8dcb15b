import type { CrunchConfig } from '../crunch-config.ts';

/** What scoring needs of a competition. */
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
