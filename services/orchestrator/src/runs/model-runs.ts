import { resolve } from 'node:path';
import { type LocalModel, type LocalOrchestrator, startLocalOrchestrator, startModelHost } from '@crunch-node/models';
import { type ModelState, type ModelToRun, Supervisor } from './supervisor.ts';

export interface ModelRunsOptions {
  /** null: the models take part in every crunch */
  readonly crunchId: string | null;
  /** logs and staged code are kept in it, by model */
  readonly folder: string;
  /** of the WebSocket; 0: any free one */
  readonly port?: number;
  readonly host?: string;
  /** models of this process, announced in addition to the others */
  readonly hosted?: readonly LocalModel[];
  /** restart a model when its code has changed */
  readonly watch?: boolean;
  readonly env?: NodeJS.ProcessEnv;
  readonly onChange?: (state: ModelState) => void;
  readonly restartMs?: readonly [number, number];
  readonly mostCrashes?: number;
}

/** Models in processes of their own, announced as the orchestrator of production announces them. */
export interface ModelRuns {
  /** what `connectModels` takes as `orchestratorUrl` */
  readonly url: string;
  readonly announcements: LocalOrchestrator;
  states(): readonly ModelState[];
  /** Resolves when it accepts connections or has failed to start; its state shows which. */
  add(model: ModelToRun, desired?: 'RUNNING' | 'STOPPED'): Promise<void>;
  /** @throws {UnknownModel} */
  restart(modelId: string): Promise<void>;
  /** @throws {UnknownModel} */
  stop(modelId: string): Promise<void>;
  remove(modelId: string): Promise<void>;
  close(): Promise<void>;
}

/** @throws {Error} when the port is taken */
export async function startModelRuns(options: ModelRunsOptions): Promise<ModelRuns> {
  const { crunchId, folder, port = 0, host = '127.0.0.1', watch = false, onChange = () => undefined } = options;
  const supervisor: Supervisor = new Supervisor({
    ...options,
    folder: resolve(folder),
    watch,
    onChange,
    onRunning: (deployment) => announcements.announce(deployment),
    onStopped: (deployment, state) => announcements.withdraw(deployment, state),
  });
  const inProcess = await startModelHost({ models: options.hosted ?? [] });
  const announcements = await startLocalOrchestrator({
    crunchId,
    port,
    host,
    models: {
      running: () => [...supervisor.running(), ...inProcess.running()],
      stop: (modelId, report) => {
        inProcess.stop(modelId);
        void supervisor.quarantine(modelId, report);
      },
    },
  }).catch((error: unknown) => {
    inProcess.stopAll();
    throw error;
  });
  return {
    url: announcements.url,
    announcements,
    states: () => supervisor.states(),
    add: (model, desired) => supervisor.add(model, desired),
    restart: (modelId) => supervisor.restart(modelId),
    stop: (modelId) => supervisor.stop(modelId),
    remove: (modelId) => supervisor.remove(modelId),
    async close() {
      await supervisor.close();
      await announcements.stop();
      inProcess.stopAll();
    },
  };
}
