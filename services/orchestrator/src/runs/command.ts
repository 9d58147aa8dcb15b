import { fileURLToPath } from 'node:url';
import { BASE_CLASS_FOLDER, findPythonHost, SMALL_HOST_FOLDER } from './python.ts';
import { stage } from './staging.ts';
import type { Submission } from './submission.ts';

/** The command that serves a model at a port of this machine. */
export interface ServeCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** for people: `crunch-model-runner (python3)` */
  readonly about: string;
}

export interface ServeOptions {
  readonly port: number;
  /** a folder for a copy of the code where one is needed */
  readonly stagingFolder: string;
  readonly env?: NodeJS.ProcessEnv;
}

const TYPESCRIPT_HOST = fileURLToPath(new URL('../../bin/model-host.js', import.meta.url));

/** @throws {NoPythonHost} */
export async function serveCommand(
  submission: Submission,
  { port, stagingFolder, env = process.env }: ServeOptions,
): Promise<ServeCommand> {
  const { folder, mainFile, modulePath } = await stage(submission, stagingFolder);
  const options = ['--code-directory', folder, '--main-file', mainFile, '--address', `127.0.0.1:${port}`];
  if (submission.language === 'typescript') {
    const about = `Node ${process.versions.node}`;
    return { command: process.execPath, args: [TYPESCRIPT_HOST, ...options], env, about };
  }
  const { python, host } = await findPythonHost({ folder: submission.folder, env });
  const isReal = host === 'crunch-model-runner';
  // The working folder, which is the model's, comes first: a base class in it takes precedence.
  const paths = [
    ...(isReal ? [] : [SMALL_HOST_FOLDER]),
    ...modulePath,
    ...(env.PYTHONPATH ? [env.PYTHONPATH] : []),
    BASE_CLASS_FOLDER,
  ];
  return {
    command: python,
    args: ['-m', isReal ? 'model_runner.server' : 'crunch_node_host', ...options],
    env: { ...env, PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: paths.join(':') },
    about: `${host} (${python})`,
  };
}
