/** The local orchestrator: hosts models in this process and announces them as the orchestrator of production does. */
import { exampleModels } from '@crunch-node/challenge';
import {
  type LocalModel,
  type LocalOrchestrator,
  type ModelHost,
  startLocalOrchestrator,
  startModelHost,
} from '@crunch-node/models';

export { type ExampleSet, exampleSets, isExampleSet } from './example-sets.ts';
export { type OrchestratorProcess, startOrchestratorProcess } from './own-process.ts';
export { type Control, type ControlAddress, type ListedModel, startControl } from './runs/control.ts';
export { type ControlClient, ControlRefused, controlClient, NoModelsThere } from './runs/control-client.ts';
export { follow, follower } from './runs/follow.ts';
export { type Limits, unlimited } from './runs/limits.ts';
export { type ModelRuns, type ModelRunsOptions, startModelRuns } from './runs/model-runs.ts';
export { type ModelEntry, readModelsFile, UnusableModelsFile } from './runs/models-file.ts';
export { NoPythonHost } from './runs/python.ts';
export { NoSubmission, type Submission, submissionAt } from './runs/submission.ts';
export { type ModelState, type ModelToRun, UnknownModel } from './runs/supervisor.ts';
export { modelsAt, modelsIn, modelsOfFile, type ReadWanted, type Wanted } from './runs/wanted.ts';

export interface OrchestratorOptions {
  readonly crunchId: string;
  /** the example models unless given */
  readonly models?: readonly LocalModel[];
  /** of the WebSocket; any free one unless given */
  readonly port?: number;
}

export interface Orchestrator {
  /** what `connectModels` takes as `orchestratorUrl` */
  readonly url: string;
  /** of the models it started with */
  readonly modelIds: readonly string[];
  readonly host: ModelHost;
  readonly announcements: LocalOrchestrator;
  /** Starts a model, or replaces it by a new deployment. */
  add(model: LocalModel): Promise<void>;
  /** Stops a model and announces it. */
  remove(modelId: string): void;
  stop(): Promise<void>;
}

/** @throws {Error} when the port is taken */
export async function startOrchestrator({
  crunchId,
  models = exampleModels,
  port = 0,
}: OrchestratorOptions): Promise<Orchestrator> {
  const host = await startModelHost({ models });
  const announcements = await startLocalOrchestrator({ crunchId, models: host, port }).catch((error: unknown) => {
    host.stopAll();
    throw error;
  });
  const runningAs = (modelId: string) => host.running().find(({ model }) => model.model_id === modelId);
  return {
    url: announcements.url,
    modelIds: models.map(({ model_id }) => model_id),
    host,
    announcements,
    async add(model) {
      const before = runningAs(model.model_id);
      announcements.announce(await host.add(model));
      if (before !== undefined) announcements.withdraw(before); // after the new one, as in production
    },
    remove(modelId) {
      const model = runningAs(modelId);
      host.stop(modelId);
      if (model !== undefined) announcements.withdraw(model);
    },
    async stop() {
      await announcements.stop();
      host.stopAll();
    },
  };
}
