import { join } from 'node:path';
import type { Environment } from '@crunch-node/config';
import { modelsAt, modelsIn, modelsOfFile, type ReadWanted, submissionAt } from '@crunch-node/orchestrator';
import { UsageError } from '../up/options.ts';

/** Limits of one run of a model, as options give them. */
export interface LimitOptions {
  readonly memoryMb?: number;
  readonly cpuSeconds?: number;
  readonly wallSeconds?: number;
}

export interface ModelSourceOptions extends LimitOptions {
  /** `models.dev.yml` */
  readonly file?: string;
  readonly submissions?: string;
}

export const limitsOf = ({ memoryMb, cpuSeconds, wallSeconds }: LimitOptions) => ({
  memoryBytes: memoryMb === undefined ? null : memoryMb * 1024 * 1024,
  cpuSeconds: cpuSeconds ?? null,
  wallSeconds: wallSeconds ?? null,
});

/** Where a process that runs models writes how it is controlled. */
export const controlFile = (dataDir: string): string => join(dataDir, 'models', 'control.json');
export const modelsFolder = (dataDir: string): string => join(dataDir, 'models');

/** Null: each model may have its own crunch in the list, and those without one serve any. */
export const crunchIdOf = (given: string | undefined, { values }: Environment): string | null =>
  given ?? values.CRUNCH_ID ?? null;

/**
 * Paths of models, a folder of them, or a list.
 * @throws {UsageError}
 */
export async function wantedOf(
  paths: readonly string[],
  options: ModelSourceOptions,
  crunchId: string | null,
): Promise<ReadWanted> {
  const limits = limitsOf(options);
  if (options.file !== undefined) {
    if (paths.length > 0) throw new UsageError('expected paths of models or --file, received both');
    return modelsOfFile({ file: options.file, submissions: options.submissions, crunchId, limits });
  }
  if (options.submissions !== undefined) throw new UsageError('--submissions is for --file');
  const [path, ...others] = paths;
  if (path === undefined) throw new UsageError('expected the path of a model, a folder of models, or --file');
  // one folder that is no model itself holds some
  if (others.length === 0 && !(await isModel(path))) return modelsIn(path, crunchId, limits);
  return modelsAt(paths, limits);
}

const isModel = (path: string): Promise<boolean> =>
  submissionAt(path).then(
    () => true,
    () => false,
  );
