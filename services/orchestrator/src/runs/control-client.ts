import { readFile } from 'node:fs/promises';
import { CrunchError } from '@crunch-node/streams/errors';
import type { ControlAddress, ListedModel } from './control.ts';

/** No process runs models in that folder. */
export class NoModelsThere extends CrunchError {
  override readonly name = 'NoModelsThere';
  override readonly code = 'no_models_in_folder';
}

/** The process that runs the models could not carry out a request. */
export class ControlRefused extends CrunchError {
  override readonly name = 'ControlRefused';
  override readonly code = 'control_refused';
}

export interface ControlClient {
  readonly address: ControlAddress;
  list(): Promise<readonly ListedModel[]>;
  desire(modelId: string, desired: 'RUNNING' | 'STOPPED'): Promise<ListedModel>;
  restart(modelId: string): Promise<ListedModel>;
  /** everything the model has printed */
  logs(modelId: string): Promise<string>;
}

/** @throws {NoModelsThere} */
export async function controlClient(file: string): Promise<ControlClient> {
  const remedy = 'start some with "crunch-node models run", or name its folder with --data-dir';
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) throw new NoModelsThere(`expected models that run, found no ${file}: ${remedy}`);
  const address = JSON.parse(text) as ControlAddress;

  async function ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${address.token}` };
    const response = await fetch(`${address.url}${path}`, { ...init, headers }).catch((cause: unknown) => {
      throw new NoModelsThere(`process ${address.pid}, which ran the models, does not answer: ${remedy}`, { cause });
    });
    if (!response.ok) throw new ControlRefused(((await response.json()) as { detail: string }).detail);
    return response;
  }
  const modelPath = (modelId: string, rest = ''): string => `/models/${encodeURIComponent(modelId)}${rest}`;
  const model = async (response: Promise<Response>) => (await (await response).json()) as ListedModel;

  return {
    address,
    list: async () => (await (await ask('/models')).json()) as ListedModel[],
    desire: (modelId, desired_state) =>
      model(ask(modelPath(modelId), { method: 'PATCH', body: JSON.stringify({ desired_state }) })),
    restart: (modelId) => model(ask(modelPath(modelId, '/restart'), { method: 'POST' })),
    logs: async (modelId) => (await ask(modelPath(modelId, '/logs/runner'))).text(),
  };
}
