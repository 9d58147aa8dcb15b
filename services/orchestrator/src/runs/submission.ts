import { stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { CrunchError } from '@crunch-node/streams/errors';

/** A participant's code: a folder with its main file. */
export interface Submission {
  readonly language: 'python' | 'typescript';
  /** absolute */
  readonly folder: string;
  /** in the folder */
  readonly mainFile: string;
  /** what a model is called that has no other name */
  readonly name: string;
}

/** There is no model at a path. */
export class NoSubmission extends CrunchError {
  override readonly name = 'NoSubmission';
  override readonly code = 'no_submission';
}

const MAIN_FILES = ['main.py', 'main.ts', 'main.mts', 'main.js', 'main.mjs'] as const;
const LANGUAGES: ReadonlyMap<string, Submission['language']> = new Map([
  ['.py', 'python'],
  ['.ts', 'typescript'],
  ['.mts', 'typescript'],
  ['.js', 'typescript'],
  ['.mjs', 'typescript'],
]);

/**
 * A file such as `my_model.py`, or a folder with `main.py` or `main.ts`.
 * @throws {NoSubmission}
 */
export async function submissionAt(path: string): Promise<Submission> {
  const full = resolve(path);
  const found = await stat(full).catch(() => null);
  if (found === null) throw new NoSubmission(`expected a model at ${path}, found no such file or folder`);
  if (found.isFile()) {
    const language = LANGUAGES.get(extname(full));
    if (language === undefined) {
      throw new NoSubmission(`expected a model in a .py, .ts or .js file, received ${path}`);
    }
    const stem = basename(full, extname(full));
    return {
      language,
      folder: dirname(full),
      mainFile: basename(full),
      name: stem === 'main' ? basename(dirname(full)) : stem,
    };
  }
  for (const mainFile of MAIN_FILES) {
    const main = await stat(join(full, mainFile)).catch(() => null);
    if (main?.isFile()) {
      return { language: LANGUAGES.get(extname(mainFile))!, folder: full, mainFile, name: basename(full) };
    }
  }
  throw new NoSubmission(`expected ${MAIN_FILES.join(', ')} in ${path}, found none of them`);
}
