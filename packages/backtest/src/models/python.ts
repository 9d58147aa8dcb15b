import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '@crunch-node/streams';
import type { ProcessModel } from './asked-models.ts';
import { nameOf } from './load-typescript.ts';
import { ModelProcessFailed, modelProcess } from './model-process.ts';

/** Where the host lies in the repository; installed with the Python package it is found by itself. */
const HOST_FOLDER = fileURLToPath(new URL('../../../challenge-python/src', import.meta.url));
const SHOWN_CHARACTERS = 2_000;

const tailOf = (path: string): string => readFileSync(path, 'utf8').slice(-SHOWN_CHARACTERS).trim();

export interface PythonOptions {
  /** interpreter; `python3` unless given */
  readonly python?: string;
  /** keyword arguments of the class's constructor */
  readonly modelArguments?: JsonObject;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Starts a model of a Python file, `#Class` behind it, in an interpreter of its own.
 * @throws {ModelProcessFailed} when there is no Python, or no model in the file
 */
export async function startPython(
  reference: string,
  { python = 'python3', cwd, env, modelArguments = {} }: PythonOptions,
): Promise<ProcessModel> {
  const [path = '', className] = reference.split('#');
  const file = resolve(cwd, path);
  if (!existsSync(file)) throw new ModelProcessFailed(`expected a model at ${file}, received nothing there`);
  const folders = [env.PYTHONPATH, ...(existsSync(HOST_FOLDER) ? [HOST_FOLDER] : [])].filter(Boolean);
  // A file, not a pipe: a model's output must not block it until this process has time to read it.
  const printed = mkdtempSync(join(tmpdir(), 'crunch-python-'));
  const log = openSync(join(printed, 'printed'), 'a+');
  const child = spawn(
    python,
    ['-u', '-m', 'starter_challenge.host', file, className ?? '', JSON.stringify(modelArguments)],
    { cwd, env: { ...env, PYTHONPATH: folders.join(delimiter) }, stdio: ['pipe', 'pipe', log] },
  );
  closeSync(log);
  let fault = '';
  const exited = once(child, 'exit').catch((error: Error) => {
    fault = error.message;
  });
  const process = modelProcess(
    { input: child.stdin!, output: child.stdout! },
    () => fault || tailOf(join(printed, 'printed')) || `code ${child.exitCode}`,
    async () => {
      if (child.exitCode === null && child.pid !== undefined) child.kill();
      await exited;
      rmSync(printed, { recursive: true, force: true });
    },
  );
  let isStateless: boolean;
  try {
    ({ isStateless } = await process.reset());
  } catch (error) {
    await process.close();
    throw new ModelProcessFailed(`expected ${path} to be a model: ${(error as Error).message}`, { cause: error });
  }
  const model_id = nameOf(path);
  const names = { model_id, model_name: model_id, cruncher_id: 'local', cruncher_name: 'you' };
  return { names, process, isStateless };
}
