import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import type { ProcessModel } from './asked-models.ts';
import { nameOf } from './load-typescript.ts';
import { ModelProcessFailed, modelProcess } from './model-process.ts';

/** Where the host lies in the repository; installed with the Python package it is found by itself. */
const HOST_FOLDER = join(import.meta.dirname, '..', '..', '..', 'challenge-python', 'src');
const SHOWN_CHARACTERS = 2_000;

export interface PythonOptions {
  /** interpreter; `python3` unless given */
  readonly python?: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Starts a model of a Python file, `#Class` behind it, in an interpreter of its own.
 * @throws {ModelProcessFailed} when there is no Python, or no model in the file
 */
export async function startPython(
  reference: string,
  { python = 'python3', cwd, env }: PythonOptions,
): Promise<ProcessModel> {
  const [path = '', className] = reference.split('#');
  const file = resolve(cwd, path);
  if (!existsSync(file)) throw new ModelProcessFailed(`expected a model at ${file}, received nothing there`);
  const folders = [env.PYTHONPATH, ...(existsSync(HOST_FOLDER) ? [HOST_FOLDER] : [])].filter(Boolean);
  const child = spawn(
    python,
    ['-u', '-m', 'starter_challenge.host', file, ...(className === undefined ? [] : [className])],
    { cwd, env: { ...env, PYTHONPATH: folders.join(delimiter) }, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let printed = '';
  child.stderr.on('data', (chunk) => {
    printed = `${printed}${chunk}`.slice(-SHOWN_CHARACTERS);
  });
  const exited = once(child, 'exit').catch((error: Error) => {
    printed = error.message;
  });
  const process = modelProcess(
    { input: child.stdin, output: child.stdout },
    () => printed.trim() || `code ${child.exitCode}`,
    async () => {
      if (child.exitCode === null && child.pid !== undefined) child.kill();
      await exited;
    },
  );
  try {
    await process.reset();
  } catch (error) {
    await process.close();
    throw new ModelProcessFailed(`expected ${path} to be a model: ${(error as Error).message}`, { cause: error });
  }
  const model_id = nameOf(path);
  return { names: { model_id, model_name: model_id, cruncher_id: 'local', cruncher_name: 'you' }, process };
}
