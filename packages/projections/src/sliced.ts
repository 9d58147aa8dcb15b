import type { Instant } from '@crunch-node/streams';
import type { Stretches } from './time-stretches.ts';

export interface Thinnable<T> {
  readonly rows: T[];
  /** length of the stretches of which each series has its newest row; null: nothing was left out */
  readonly stretch_seconds: number | null;
}

/** The rows of a span of time, which can be read a few stretches at a time. */
export interface Sliced<T> {
  readonly stretches: Stretches;
  /** as in {@link Thinnable}; null: a stretch has all of its rows */
  readonly stretch_seconds: number | null;
  /** bounds of the span, both inclusive */
  readonly start: Instant;
  readonly end: Instant;
  /** everything the rows of a stretch are a function of, besides the tables and the bounds */
  readonly identity: string;
  timeOf(row: T): Instant;
  /**
   * Rows of some stretches up to the end of the span, oldest first. Those of the first one that lie before the span are
   * among them: which row of a stretch is its newest does not depend on where the span begins.
   */
  read(slots: readonly number[]): Promise<T[]>;
}

/** Into so many stretches a span is cut that is read whole. */
export const WHOLE_STRETCHES = 64;
