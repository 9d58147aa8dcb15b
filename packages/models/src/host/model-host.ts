import type { ModelObject } from './model-object.ts';
import { type CreateModel, type ModelServer, type SetupArguments, startModelServer } from './model-server.ts';
import type { ServerSecurity } from './server-security.ts';

/** Participant and names of a model. */
export interface ModelInfos {
  readonly model_id: string;
  readonly model_name: string;
  readonly cruncher_id: string;
  readonly cruncher_name: string;
}

/** A model written in TypeScript, run here instead of in a container. */
export interface LocalModel extends ModelInfos {
  /** Makes the participant's object: at Setup, and again after the instance was lost. */
  create(setup: SetupArguments): ModelObject | Promise<ModelObject>;
  /** of its connections; plaintext unless given */
  readonly security?: ServerSecurity;
}

/** Where a deployment of a model is reached, in whatever process. */
export interface RunningDeployment {
  readonly model: ModelInfos;
  readonly deployment_id: string;
  readonly ip: string;
  readonly port: number;
}

export interface RunningModel extends RunningDeployment {
  readonly model: LocalModel;
}

/** Serves models, each on a gRPC server and a port of its own. */
export interface ModelHost {
  running(): readonly RunningModel[];
  /** Starts a model, or a new deployment of it on another port; the old one goes when the new one is up. */
  add(model: LocalModel): Promise<RunningModel>;
  /** Ends a model's server as a crash does. */
  stop(modelId: string): void;
  /** Starts a stopped or running model again at its old address, its instance lost. */
  restart(modelId: string): Promise<void>;
  /** Loses a model's instance while its server and its connections stay. */
  forget(modelId: string): void;
  stopAll(): void;
}

export interface ModelHostOptions {
  readonly models: readonly LocalModel[];
  /** inclusive; any free port unless given */
  readonly portRange?: readonly [number, number];
  readonly host?: string;
}

interface Hosted {
  running: RunningModel;
  server: ModelServer | null;
}

/** @throws {Error} when no port of the range is free */
export async function startModelHost({ models, portRange, host = '127.0.0.1' }: ModelHostOptions): Promise<ModelHost> {
  const hosted = new Map<string, Hosted>();
  const deployments = new Map<string, number>();

  async function add(model: LocalModel): Promise<RunningModel> {
    const server = await listen(model);
    hosted.get(model.model_id)?.server?.stop();
    // fixed, not a time as in production: a replay starts the same deployments again
    const count = (deployments.get(model.model_id) ?? 0) + 1;
    deployments.set(model.model_id, count);
    const deployment_id = `${model.model_id}_local${count === 1 ? '' : `_${count}`}`;
    const running = { model, deployment_id, ip: server.ip, port: server.port };
    hosted.set(model.model_id, { running, server });
    return running;
  }

  async function listen(model: LocalModel, ports = portRange): Promise<ModelServer> {
    const create: CreateModel = (setup) => model.create(setup);
    const { model_id: modelId, security } = model;
    const common = { create, host, modelId, ...(security && { security }) };
    if (ports === undefined) return startModelServer({ ...common, port: 0 });
    const [first, last] = ports;
    let cause: unknown;
    for (let port = first; port <= last; port++) {
      try {
        return await startModelServer({ ...common, port });
      } catch (error) {
        cause = error;
      }
    }
    throw new Error(`expected a free port between ${first} and ${last} for a model, all are taken`, { cause });
  }

  function find(modelId: string): Hosted {
    const found = hosted.get(modelId);
    if (found === undefined) throw new Error(`expected a hosted model, received the id ${modelId}`);
    return found;
  }
  function stop(modelId: string): void {
    const entry = hosted.get(modelId);
    entry?.server?.stop();
    if (entry !== undefined) entry.server = null;
  }

  for (const model of models) await add(model);
  return {
    running: () => [...hosted.values()].filter(({ server }) => server !== null).map(({ running }) => running),
    add,
    stop,
    async restart(modelId) {
      const entry = find(modelId);
      stop(modelId);
      const { model, port } = entry.running;
      entry.server = await listen(model, [port, port]);
    },
    forget: (modelId) => find(modelId).server?.forget(),
    stopAll: () => {
      for (const modelId of hosted.keys()) stop(modelId);
    },
  };
}
