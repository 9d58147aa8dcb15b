/** Input and result of a metric. */

import type { ConstantSeries } from './constant-series.ts';
import type { PeerSeries } from './peer-series.ts';
import type { SharedWork } from './shared-work.ts';

export interface Unavailable {
  readonly unavailable: string;
}
export type MetricValue = number | Unavailable;

export const isAvailable = (value: MetricValue): value is number => typeof value === 'number';
export const unavailable = (reason: string): Unavailable => ({ unavailable: reason });

/**
 * `default`: equal values share their rank, missing numbers are left out, the sign of a perfect series is kept.
 * `legacy`: the reference system, with distinct ranks for equal values and means over all models, present or not.
 */
export type MetricProfile = 'default' | 'legacy';
/** Whether 0 / 0 counts as 0 here. */
export const isZero = ({ profile, constant_series }: Pick<MetricInput, 'profile' | 'constant_series'>): boolean =>
  profile === 'legacy' || constant_series === 'zero';

/** One model in one scope, in time order. Numbers that are not finite are missing, and their pair with them. */
export interface MetricInput {
  readonly model_id: string;
  readonly predictions: ArrayLike<number>;
  /** actuals, by the index of `predictions` */
  readonly actuals: ArrayLike<number>;
  /** values of the scores */
  readonly values: ArrayLike<number>;
  /** every real model of the scope in a fixed order, this one included; computed on first use */
  peers(): readonly PeerSeries[];
  ensembles(): readonly PeerSeries[];
  readonly profile: MetricProfile;
  /** absent: `unavailable` */
  readonly constant_series?: ConstantSeries;
  /** work shared by all models of the scope; results are the same without it */
  readonly shared?: SharedWork;
}

/** A number, or the reason why there is none. */
export type Metric = (input: MetricInput) => MetricValue;

/** A metric of an operator: a function, or an expression such as `mean(scores) / std(scores)`. */
export type CustomMetric = Metric | string;
