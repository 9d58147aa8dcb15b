import type { EnsembleFilter } from './filters.ts';
import type { EnsembleStrategy } from './strategies.ts';

/** Which models may take part; one without the metric that decides is left out. Null: all. */
export type EnsembleFilterConfig =
  /** the best by the leaderboard's ranking */
  | { readonly top_n: number }
  /** those whose metric is at least the threshold */
  | { readonly min_metric: string; readonly threshold: number }
  | ((modelId: string, metrics: Readonly<Record<string, number>>) => boolean)
  | null;

/**
 * `mean`: of numbers. `linear_pool`: the mixture of the members' distributions. `quantile_average`: at each level the
 * mean of their quantiles.
 */
export type CombineRule = 'mean' | 'linear_pool' | 'quantile_average';

/** A weighted mean of models, which answers as the virtual model `__ensemble_<name>__`. */
export interface EnsembleConfig {
  /** letters, digits and `-`; not `-` first */
  readonly name: string;
  readonly strategy: 'inverse_variance' | 'equal_weight' | EnsembleStrategy;
  readonly filter: EnsembleFilterConfig;
  /** how predictions that are densities or quantiles are combined; absent: numbers, by their mean */
  readonly combine?: CombineRule;
  /** the numeric field of predictions that is combined */
  readonly output_field: string;
  /** several numbers that are combined together, each with the same weights; absent: `output_field` alone */
  readonly output_fields?: readonly string[];
  readonly enabled: boolean;
}

/** In order of the configuration: the first one is the one that models are compared with. */
export const enabledEnsembles = ({
  ensembles = [],
}: {
  readonly ensembles?: readonly EnsembleConfig[];
}): readonly EnsembleConfig[] => ensembles.filter(({ enabled }) => enabled);

export function filterOf(filter: EnsembleFilterConfig): EnsembleFilter | null {
  if (filter === null) return null;
  if (typeof filter === 'function') return { type: 'custom', keep: filter };
  if ('top_n' in filter) return { type: 'top_n', n: filter.top_n };
  return { type: 'min_metric', name: filter.min_metric, threshold: filter.threshold };
}
