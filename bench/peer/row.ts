import type { Postgres } from '@crunch-node/embedded/testing';
import type { Installed } from './reference.ts';

/** What a workload gets: one Postgres for both systems, and a folder for logs. */
export interface Setting {
  readonly installed: Installed;
  readonly postgres: Postgres;
  readonly folder: string;
  /** a minute or two for all instead of the documented sizes */
  readonly small: boolean;
}

/** One comparison. Times of both in the same unit; what a smaller figure means is the same for both. */
export interface Row {
  readonly workload: string;
  readonly what: string;
  readonly unit: 's' | 'ms' | 'requests/s';
  readonly reference: number;
  readonly ours: number;
  /** processor seconds (or milliseconds, as `unit`) of the process that does the work */
  readonly referenceCpu?: number;
  readonly oursCpu?: number;
  /** resident memory at most, MB */
  readonly referencePeak?: number;
  readonly oursPeak?: number;
  /** what "durable" means for ours; the reference commits to Postgres with fsync */
  readonly durable: string;
}

/** How many times better ours is. */
export const ratioOf = ({ unit, reference, ours }: Row): number =>
  unit === 'requests/s' ? ours / reference : reference / ours;

export const cpuRatioOf = ({ referenceCpu, oursCpu }: Row): number | null =>
  referenceCpu === undefined || oursCpu === undefined || oursCpu === 0 ? null : referenceCpu / oursCpu;
