import type { Draw } from './draw.ts';

/** A distribution in its standard form: location 0, scale 1. All its functions are of a standardised value. */
export interface Standard {
  readonly pdf: (y: number) => number;
  readonly cdf: (y: number) => number;
  readonly ppf: (p: number) => number;
  /** null where there is none, or it is infinite */
  readonly mean: number | null;
  /** its density is its value at 0 times (1 + y² / over) ^ exponent */
  readonly power?: { readonly over: number; readonly exponent: number };
  /** as scipy.stats draws from it; absent: by its quantile function */
  readonly draw?: Draw;
}

/** A family of distributions, each with a location and a scale. */
export interface Family {
  /** names of its shape parameters, in order; each a number above 0 unless it is `signed` */
  readonly shapes: readonly string[];
  readonly signed?: boolean;
  /** largest shape; absent: {@link LARGEST_SHAPE} */
  readonly largest?: number;
  standard(...shapes: number[]): Standard;
}

export const LARGEST_SHAPE = 1e6;
