import { readEnvironment } from '@crunch-node/config';
import type { LocalModel } from '@crunch-node/models';
import { follow, follower, type ModelState, startControl, startModelRuns } from '@crunch-node/orchestrator';
import { aborted, type Closers } from '@crunch-node/service';
import { runUntilStopped } from '../run-until-stopped.ts';
import { createScreen, type Screen } from '../screen.ts';
import { failedModelsText } from '../show/failed-models.ts';
import { printable } from '../show/printable.ts';
import { controlFile, crunchIdOf, type ModelSourceOptions, modelsFolder, wantedOf } from './options.ts';

export interface RunModelsOptions extends ModelSourceOptions {
  readonly crunchId?: string;
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly watch: boolean;
}

/** Runs models until Ctrl-C, and announces them as the orchestrator of production does. */
export async function runModels(paths: readonly string[], options: RunModelsOptions): Promise<void> {
  const screen = createScreen();
  const crunchId = crunchIdOf(options.crunchId, readEnvironment(process.env));
  const read = await wantedOf(paths, options, crunchId);
  await runUntilStopped(screen, async (closers, signal) => {
    const { url } = await startModels({ ...options, crunchId, read, closers, signal, screen });
    const { port } = new URL(url);
    screen.print(
      `announcing models at ${url}: run "MODEL_RUNNER_NODE_HOST=127.0.0.1 MODEL_RUNNER_NODE_PORT=${port} crunch-node up"`,
    );
    screen.print('crunch-node models list | logs <id> | restart <id> | stop <id> in another terminal; Ctrl-C ends');
    await aborted(signal);
  });
}

export interface StartModelsOptions {
  readonly crunchId: string | null;
  readonly read: Awaited<ReturnType<typeof wantedOf>>;
  readonly dataDir: string;
  readonly watch: boolean;
  /** models of this process, unless one of the others has the id */
  readonly beside?: readonly LocalModel[];
  readonly host?: string;
  readonly port?: number;
  readonly closers: Closers;
  readonly signal: AbortSignal;
  readonly screen: Pick<Screen, 'print'>;
}

export interface StartedModels {
  /** `orchestratorUrl` for predict */
  readonly url: string;
  /** that should run */
  readonly modelIds: readonly string[];
  /** which of them do not run, and why; null: all do */
  failures(): string | null;
}

/** Starts models, follows changes of the list, and lets other commands control them. */
export async function startModels(options: StartModelsOptions): Promise<StartedModels> {
  const { crunchId, read, dataDir, watch, beside = [], host, port, closers, signal, screen } = options;
  const seen = new Map<string, string>();
  const own = new Set((await read()).models.map(({ model }) => model.model_id));
  const hosted = beside.filter(({ model_id }) => !own.has(model_id));
  const runs = await startModelRuns({
    crunchId,
    folder: modelsFolder(dataDir),
    watch,
    hosted,
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    onChange: (state) => printChange(state, seen, screen),
  });
  closers.push('models', () => runs.close());
  const control = await startControl({ runs, crunchId, file: controlFile(dataDir) });
  closers.push('control of the models', () => control.close());
  const onFault = (fault: string): void => screen.print(`warning: ${fault}`);
  const once = follower(runs, read, onFault);
  await once();
  void follow(once, { signal, onFault });
  const failures = (): string | null => {
    const wanted = runs.states().filter(({ desired_state }) => desired_state === 'RUNNING');
    const failed = wanted.filter(({ status }) => status === 'RUNNER_FAILED');
    return failedModelsText(
      failed.map(({ model_id, model_name, status_message }) => ({
        id: model_id,
        name: model_name,
        reason: status_message,
      })),
      wanted.length + hosted.length,
      dataDir,
    );
  };
  return {
    failures,
    url: runs.url,
    modelIds: [...runs.states().filter(({ desired_state }) => desired_state === 'RUNNING'), ...hosted].map(
      ({ model_id }) => model_id,
    ),
  };
}

const WORDS: Readonly<Record<ModelState['status'], string>> = {
  RUNNER_INITIALIZING: 'starting',
  RUNNER_RUNNING: 'running',
  RUNNER_STOPPING: 'stopping',
  RUNNER_STOPPED: 'stopped',
  RUNNER_FAILED: 'failed',
};

/** A line per change that a person cares about. */
function printChange(state: ModelState, seen: Map<string, string>, screen: Pick<Screen, 'print'>): void {
  if (state.status === 'RUNNER_INITIALIZING' || state.status === 'RUNNER_STOPPING') return;
  const served = state.status === 'RUNNER_RUNNING' ? ` by ${state.about}` : '';
  const why = state.status_message === null ? '' : `: ${state.status_message}`;
  const log = state.status === 'RUNNER_FAILED' ? ` (log: ${state.log_file})` : '';
  const line = `model ${state.model_id} ${WORDS[state.status]}${served}${why}${log}`;
  if (seen.get(state.model_id) === line && state.status !== 'RUNNER_RUNNING') return;
  seen.set(state.model_id, line);
  screen.print(printable(line));
}
