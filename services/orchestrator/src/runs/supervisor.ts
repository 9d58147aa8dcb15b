import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelInfos, ReceivedReport, RunningDeployment } from '@crunch-node/models';
import { backoffMs } from '@crunch-node/streams/backoff';
import { CrunchError } from '@crunch-node/streams/errors';
import { watchCode } from './changes.ts';
import { type Limits, unlimited } from './limits.ts';
import { type ModelRun, startModelRun } from './model-run.ts';
import type { Submission } from './submission.ts';

/** States as the orchestrator of production names them. */
export type RunnerStatus =
  | 'RUNNER_INITIALIZING'
  | 'RUNNER_RUNNING'
  | 'RUNNER_STOPPING'
  | 'RUNNER_STOPPED'
  | 'RUNNER_FAILED';

export interface ModelToRun extends ModelInfos {
  readonly submission: Submission;
  readonly limits?: Limits;
}

export interface ModelState extends ModelInfos {
  readonly submission: Submission;
  readonly deployment_id: string;
  readonly desired_state: 'RUNNING' | 'STOPPED';
  readonly status: RunnerStatus;
  /** why it has this status, where that is not obvious */
  readonly status_message: string | null;
  /** what serves it */
  readonly about: string | null;
  readonly pid: number | null;
  readonly port: number | null;
  readonly restarts: number;
  readonly log_file: string;
}

export interface SupervisorOptions {
  /** logs and staged code are kept in it, by model */
  readonly folder: string;
  /** restart a model when its code has changed */
  readonly watch: boolean;
  readonly env?: NodeJS.ProcessEnv;
  /** a deployment accepts connections, or does not any more */
  readonly onRunning: (deployment: RunningDeployment) => void;
  readonly onStopped: (deployment: RunningDeployment, state: 'STOPPED' | 'RECOVERING') => void;
  readonly onChange: (state: ModelState) => void;
  /** first and longest pause before a model that ended by itself is started again */
  readonly restartMs?: readonly [number, number];
  /** a model that ended so often in a row, never having run for long, is given up on */
  readonly mostCrashes?: number;
}

interface Supervised {
  readonly model: ModelToRun;
  state: ModelState;
  run: ModelRun | null;
  announced: RunningDeployment | null;
  /** number of starts: the end of an earlier start is ignored */
  generation: number;
  crashes: number;
  timer: NodeJS.Timeout | undefined;
  unwatch: () => void;
}

const STEADY_MS = 30_000;

/** Runs models, each in a process of its own: starts them again when they end or their code changes. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #models = new Map<string, Supervised>();
  #deployments = 0;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  states(): readonly ModelState[] {
    return [...this.#models.values()].map(({ state }) => state);
  }

  running(): readonly RunningDeployment[] {
    return [...this.#models.values()].flatMap(({ announced }) => announced ?? []);
  }

  /** Resolves when it accepts connections or has failed to start; its state shows which. */
  async add(model: ModelToRun, desired: 'RUNNING' | 'STOPPED' = 'RUNNING'): Promise<void> {
    await this.remove(model.model_id);
    const folder = this.#folderOf(model.model_id);
    await mkdir(folder, { recursive: true });
    const entry: Supervised = {
      model,
      state: {
        ...infosOf(model),
        submission: model.submission,
        deployment_id: this.#nextDeployment(model.model_id),
        desired_state: desired,
        status: 'RUNNER_STOPPED',
        status_message: null,
        about: null,
        pid: null,
        port: null,
        restarts: 0,
        log_file: join(folder, 'model.log'),
      },
      run: null,
      announced: null,
      generation: 0,
      crashes: 0,
      timer: undefined,
      unwatch: () => undefined,
    };
    this.#models.set(model.model_id, entry);
    if (this.#options.watch) {
      entry.unwatch = watchCode(model.submission, () => {
        if (entry.state.desired_state === 'RUNNING') void this.restart(model.model_id, 'its code has changed');
      });
    }
    if (desired === 'RUNNING') await this.#start(entry);
    else this.#options.onChange(entry.state);
  }

  /** A new deployment: the old process ends first, since two of one model may not share what they write. */
  async restart(modelId: string, why = 'asked for'): Promise<void> {
    const entry = this.#find(modelId);
    await this.#end(entry, 'STOPPED', `restarting: ${why}`);
    entry.crashes = 0;
    entry.state = { ...entry.state, desired_state: 'RUNNING', deployment_id: this.#nextDeployment(modelId) };
    await this.#start(entry);
  }

  async stop(modelId: string, why: string | null = null): Promise<void> {
    const entry = this.#find(modelId);
    entry.state = { ...entry.state, desired_state: 'STOPPED' };
    await this.#end(entry, 'STOPPED', why);
  }

  /** A coordinator reported it: it stays down until it is restarted, or its code changes. */
  async quarantine(modelId: string, { failure_code, failure_reason }: ReceivedReport): Promise<void> {
    const entry = this.#models.get(modelId);
    if (entry === undefined) return;
    entry.announced = null; // the orchestrator announces it as stopped
    await this.#end(entry, 'STOPPED', null);
    const reason = failure_reason === null ? '' : `: ${failure_reason}`;
    this.#change(entry, { status: 'RUNNER_FAILED', status_message: `reported ${failure_code}${reason}` });
  }

  async remove(modelId: string): Promise<void> {
    const entry = this.#models.get(modelId);
    if (entry === undefined) return;
    entry.unwatch();
    await this.#end(entry, 'STOPPED', null);
    this.#models.delete(modelId);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#models.keys()].map((modelId) => this.remove(modelId)));
  }

  async #start(entry: Supervised): Promise<void> {
    const { model } = entry;
    entry.generation += 1;
    const { generation } = entry;
    this.#change(entry, { status: 'RUNNER_INITIALIZING', status_message: null, pid: null, port: null });
    let run: ModelRun;
    try {
      run = await startModelRun({
        submission: model.submission,
        logFile: entry.state.log_file,
        stagingFolder: join(this.#folderOf(model.model_id), 'code'),
        limits: model.limits ?? unlimited,
        ...(this.#options.env && { env: this.#options.env }),
      });
    } catch (error) {
      if (entry.generation === generation) {
        this.#change(entry, { status: 'RUNNER_FAILED', status_message: (error as Error).message });
      }
      return;
    }
    if (entry.generation !== generation) return run.stop(); // stopped, or started again, meanwhile
    entry.run = run;
    const startedMs = performance.now();
    this.#change(entry, { about: run.about, pid: run.pid });
    void run.ended.then((why) => this.#ended(entry, generation, why, performance.now() - startedMs));
    if (!(await run.ready) || entry.generation !== generation || entry.run !== run) return;
    this.#change(entry, { status: 'RUNNER_RUNNING', port: run.port });
    entry.announced = {
      model: infosOf(model),
      deployment_id: entry.state.deployment_id,
      ip: '127.0.0.1',
      port: run.port,
    };
    this.#options.onRunning(entry.announced);
  }

  /** It ended by itself, or passed a limit. */
  #ended(entry: Supervised, generation: number, why: string, ranMs: number): void {
    if (entry.generation !== generation) return;
    const { restartMs: [first, longest] = [500, 10_000], mostCrashes = 5 } = this.#options;
    entry.run = null;
    entry.crashes = ranMs > STEADY_MS ? 1 : entry.crashes + 1;
    const isHopeless = entry.crashes >= mostCrashes;
    this.#withdraw(entry, isHopeless ? 'STOPPED' : 'RECOVERING');
    this.#change(entry, {
      status: 'RUNNER_FAILED',
      status_message: isHopeless ? `${why}, ${entry.crashes} times in a row: given up on` : why,
      pid: null,
      port: null,
    });
    if (isHopeless) return;
    entry.timer = setTimeout(
      () => {
        entry.state = { ...entry.state, restarts: entry.state.restarts + 1 };
        void this.#start(entry);
      },
      backoffMs(entry.crashes - 1, { firstMs: first, longestMs: longest }),
    );
  }

  async #end(entry: Supervised, state: 'STOPPED' | 'RECOVERING', why: string | null): Promise<void> {
    entry.generation += 1;
    clearTimeout(entry.timer);
    this.#withdraw(entry, state);
    const { run } = entry;
    entry.run = null;
    if (run !== null) {
      this.#change(entry, { status: 'RUNNER_STOPPING', status_message: why });
      await run.stop();
    }
    this.#change(entry, { status: 'RUNNER_STOPPED', status_message: why, pid: null, port: null });
  }

  #withdraw(entry: Supervised, state: 'STOPPED' | 'RECOVERING'): void {
    if (entry.announced !== null) this.#options.onStopped(entry.announced, state);
    entry.announced = null;
  }

  #change(entry: Supervised, change: Partial<ModelState>): void {
    entry.state = { ...entry.state, ...change };
    this.#options.onChange(entry.state);
  }

  #find(modelId: string): Supervised {
    const entry = this.#models.get(modelId);
    if (entry === undefined) throw new UnknownModel(modelId, [...this.#models.keys()]);
    return entry;
  }

  /** Ids may contain characters that a folder name may not. */
  #folderOf = (modelId: string): string =>
    join(this.#options.folder, encodeURIComponent(modelId).replace(/^\.+$/, '_'));

  /** Later deployments have greater ids, as in production: coordinators follow the greatest. */
  #nextDeployment(modelId: string): string {
    this.#deployments += 1;
    const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '_').replace('.', '_').replace('Z', '');
    return `${modelId}_${time}_${String(this.#deployments).padStart(4, '0')}`;
  }
}

const infosOf = ({ model_id, model_name, cruncher_id, cruncher_name }: ModelInfos): ModelInfos => ({
  model_id,
  model_name,
  cruncher_id,
  cruncher_name,
});

/** No model has the id. */
export class UnknownModel extends CrunchError {
  override readonly name = 'UnknownModel';
  override readonly code = 'unknown_model';
  constructor(modelId: string, known: readonly string[]) {
    super(`expected the id of a model (${known.join(', ') || 'there are none'}), received ${modelId}`);
  }
}
