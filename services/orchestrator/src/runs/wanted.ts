import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import type { Limits } from './limits.ts';
import { readModelsFile } from './models-file.ts';
import { NoSubmission, type Submission, submissionAt } from './submission.ts';
import type { ModelToRun } from './supervisor.ts';

/** A model of the configuration, and whether it should run. */
export interface Wanted {
  readonly model: ModelToRun;
  readonly desired: 'RUNNING' | 'STOPPED';
}

/** The models wanted now, and the faults of those that cannot be used. */
export interface WantedModels {
  readonly models: readonly Wanted[];
  readonly faults: readonly string[];
}

/** Read again and again: files and folders change while models run. */
export type ReadWanted = () => Promise<WantedModels>;

export interface ModelsFileOptions {
  /** `models.dev.yml` */
  readonly file: string;
  /** holds a folder per `submission_id`; default: `submissions` next to the file */
  readonly submissions?: string | undefined;
  /** models of other competitions are left out */
  readonly crunchId: string | null;
  readonly limits?: Limits;
}

/** The models of `models.dev.yml`. */
export const modelsOfFile =
  ({ file, submissions, crunchId, limits }: ModelsFileOptions): ReadWanted =>
  async () => {
    const { entries, faults } = await readModelsFile(file);
    const folder = submissions ?? join(dirname(resolve(file)), 'submissions');
    const all = await Promise.all(
      entries
        .filter(({ crunch_id }) => crunchId === null || crunch_id === null || crunch_id === crunchId)
        .map(async ({ id, submission_id, desired_state, model_name, cruncher_id, cruncher_name }) => {
          const submission = await found(join(folder, submission_id));
          if (typeof submission === 'string') return `model ${id}: ${submission}`;
          const model = { model_id: id, model_name, cruncher_id, cruncher_name, submission, ...(limits && { limits }) };
          return { model, desired: desired_state };
        }),
    );
    return {
      models: all.filter((one) => typeof one !== 'string'),
      faults: [...faults, ...all.filter((one) => typeof one === 'string')],
    };
  };

/** Models at paths, called by their names: `my_model.py`, a folder with `main.py`, a folder of such. */
export const modelsAt =
  (paths: readonly string[], limits?: Limits): ReadWanted =>
  async () => {
    const submissions = (await Promise.all(paths.map(foundAt))).flat();
    return named(
      submissions.filter((one) => typeof one !== 'string'),
      submissions.filter((one) => typeof one === 'string'),
      limits,
    );
  };

/**
 * All models of a folder: those of its `models.dev.yml`, if there is one; else each file and each folder in it that is
 * a model.
 */
export const modelsIn =
  (folder: string, crunchId: string | null, limits?: Limits): ReadWanted =>
  async () => {
    const file = join(folder, 'models.dev.yml');
    if (await stat(file).catch(() => null)) {
      return modelsOfFile({ file, crunchId, ...(limits && { limits }) })();
    }
    const entries = await readdir(folder, { withFileTypes: true }).catch((cause: Error) => {
      throw new NoSubmission(`expected a folder of models at ${folder}: ${cause.message}`, { cause });
    });
    const submissions = await foundAmong(folder, entries);
    return named(
      submissions.filter((one) => typeof one !== 'string'),
      [], // a folder may hold other things
      limits,
    );
  };

/** What may be a model in a folder of models. */
function foundAmong(folder: string, entries: readonly Dirent[]): Promise<(Submission | string)[]> {
  const candidates = entries
    .filter((entry) => !/^[._]|^(node_modules|venv)$/.test(entry.name))
    .filter((entry) => entry.isDirectory() || /\.(py|[cm]?[jt]s)$/.test(extname(entry.name)))
    .filter(({ name }) => !/\.(test|d)\.[cm]?ts$/.test(name) && !NO_MODELS.has(name))
    .map(({ name }) => join(folder, name))
    .sort();
  return Promise.all(candidates.map(found));
}

/** The model at a path, else those in the folder there; the fault when there are none. */
async function foundAt(path: string): Promise<(Submission | string)[]> {
  const one = await found(path);
  if (typeof one !== 'string') return [one];
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  const inside = (await foundAmong(path, entries)).filter((each) => typeof each !== 'string');
  return inside.length === 0 ? [one] : inside;
}

/** Files next to models that are not models: base classes, and files of tools. */
const NO_MODELS: ReadonlySet<string> = new Set(['cruncher.py', 'tracker.py', 'setup.py', 'conftest.py']);

const found = (path: string): Promise<Submission | string> =>
  submissionAt(path).catch((error: unknown) => {
    if (error instanceof NoSubmission) return error.message;
    throw error;
  });

function named(
  submissions: readonly Submission[],
  faults: readonly string[],
  limits: Limits | undefined,
): WantedModels {
  const models = new Map<string, Wanted>();
  const again: string[] = [];
  for (const submission of submissions) {
    const { name, folder, mainFile } = submission;
    if (models.has(name))
      again.push(`expected models of different names, received ${name} again: ${join(folder, mainFile)}`);
    else {
      const infos = { model_id: name, model_name: name, cruncher_id: 'local', cruncher_name: 'local-dev' };
      models.set(name, { model: { ...infos, submission, ...(limits && { limits }) }, desired: 'RUNNING' });
    }
  }
  return { models: [...models.values()], faults: [...faults, ...again] };
}
