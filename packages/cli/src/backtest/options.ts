import { InvalidArgumentError } from 'commander';
import { instant } from '../time-option.ts';
import type { UpOptions } from '../up/options.ts';

export interface BacktestCommand
  extends Pick<UpOptions, 'demo' | 'pack' | 'feed' | 'data' | 'days' | 'seed' | 'start' | 'config'> {
  readonly from?: string;
  readonly to?: string;
  readonly against: readonly ('examples' | 'leaderboard')[];
  readonly url?: string;
  readonly archive?: string;
  readonly key?: string;
  readonly cache?: string;
  readonly html?: string;
  /** true: printed; else the file it is written to */
  readonly json?: boolean | string;
  readonly parquet?: string;
  /** the same as JSON, one prediction a line */
  readonly rows?: string;
  readonly split?: string | number;
  readonly folds: number;
  readonly checks: boolean;
  readonly jobs: number;
  readonly resume: boolean;
  readonly python?: string;
  /** name of a model on the other side of standard input and output */
  readonly bridge?: string;
}

/** A moment, or a share of the time. */
export function split(text: string): string | number {
  const share = Number(text);
  return share > 0 && share < 1 ? share : instant(text);
}

export function folds(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 100) throw new InvalidArgumentError('expected 1 to 100.');
  return count;
}

export function jobs(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 256) throw new InvalidArgumentError('expected 1 to 256.');
  return count;
}

/** The interpreter of Python models: that of the command, else `CRUNCH_PYTHON`, which `up` reads too, else `PYTHON`. */
export const pythonOf = ({ python }: { readonly python?: string | undefined }, env = process.env): string | undefined =>
  python ?? env.CRUNCH_PYTHON ?? env.PYTHON;
