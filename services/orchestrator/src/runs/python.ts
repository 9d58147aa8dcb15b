import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CrunchError } from '@crunch-node/streams/errors';

const execute = promisify(execFile);

/** Folder of the small host that needs nothing but grpcio. */
export const SMALL_HOST_FOLDER = fileURLToPath(new URL('../../python/', import.meta.url));

/** Folder of the base class for models that bring none. */
export const BASE_CLASS_FOLDER = fileURLToPath(new URL('../../python/base/', import.meta.url));

/** How a Python model is served. */
export interface PythonHost {
  /** the interpreter */
  readonly python: string;
  /** `crunch-model-runner`: as in production; `crunch_node_host`: the small host that comes with the engine */
  readonly host: 'crunch-model-runner' | 'crunch_node_host';
}

/** No interpreter can serve a Python model. */
export class NoPythonHost extends CrunchError {
  override readonly name = 'NoPythonHost';
  override readonly code = 'no_python_host';
}

export interface FindPythonOptions {
  /** of the model: a virtual environment in it comes first */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
}

const PROBE = [
  'import importlib.util as u, sys',
  'has = lambda name: u.find_spec(name) is not None',
  "runner = has('model_runner') and has('grpc') and has('grpc_health')",
  "print('runner' if runner else 'grpc' if has('grpc') else 'none', '%d.%d' % sys.version_info[:2])",
].join('\n');

/**
 * The first interpreter with a host in it: `CRUNCH_PYTHON`, a virtual environment in the model's folder (`.venv`,
 * `venv`), the active one, `python3` on the path.
 * @throws {NoPythonHost}
 */
export async function findPythonHost({ folder, env = process.env }: FindPythonOptions): Promise<PythonHost> {
  const named = env.CRUNCH_PYTHON;
  const inVenv = (venv: string): string => join(venv, 'bin', 'python');
  const candidates = named
    ? [named]
    : [
        inVenv(join(folder, '.venv')),
        inVenv(join(folder, 'venv')),
        ...(env.VIRTUAL_ENV ? [inVenv(env.VIRTUAL_ENV)] : []),
        'python3',
      ];
  const seen: string[] = [];
  for (const python of candidates) {
    if (python !== 'python3' && python !== named && !(await exists(python))) continue;
    const found = await probe(python, env);
    if (found.kind === 'runner') return { python, host: 'crunch-model-runner' };
    if (found.kind === 'grpc') return { python, host: 'crunch_node_host' };
    seen.push(`${python}: ${found.why}`);
  }
  throw new NoPythonHost(
    `expected a Python with crunch-model-runner, or with grpcio, found none (${seen.join('; ')}): ` +
      'run "pip install crunch-model-runner" or "pip install grpcio" in a virtual environment that is active, ' +
      'or in .venv beside the model, or name an interpreter in CRUNCH_PYTHON',
  );
}

type Probed =
  | { readonly kind: 'runner' | 'grpc'; readonly why: null }
  | { readonly kind: 'none'; readonly why: string };

async function probe(python: string, env: NodeJS.ProcessEnv): Promise<Probed> {
  try {
    const { stdout } = await execute(python, ['-c', PROBE], { timeout: 30_000, env });
    const [kind, version] = stdout.trim().split(' ');
    if (kind === 'runner' || kind === 'grpc') return { kind, why: null };
    return { kind: 'none', why: `Python ${version} without grpcio` };
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT') return { kind: 'none', why: 'not installed' };
    return { kind: 'none', why: stderr?.trim().split('\n').at(-1) || (error as Error).message };
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
