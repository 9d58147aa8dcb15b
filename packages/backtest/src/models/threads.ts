import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { LocalModel } from '@crunch-node/models';
import type { JsonObject } from '@crunch-node/streams';
import type { ProcessModel } from './asked-models.ts';
import { type HostReply, type Instance, type ModelProcess, ModelProcessFailed } from './model-process.ts';
import type { ModelSource, ThreadData, ThreadMessage, ThreadReply } from './thread-messages.ts';

/** A model that a thread can load for itself. */
export interface SourcedModel extends LocalModel {
  readonly source: ModelSource;
}

/**
 * Runs models in threads, each in one of them. They are asked ahead, so that this thread scores and ranks meanwhile.
 * @param count number of threads; never more than there are models
 * @throws {ModelProcessFailed} when a model cannot be made
 */
export async function startThreads(
  models: readonly SourcedModel[],
  count: number,
  modelArguments: JsonObject = {},
): Promise<readonly ProcessModel[]> {
  const size = Math.max(1, Math.min(count, models.length));
  const groups = Array.from({ length: size }, (_, i) => models.filter((_, place) => place % size === i));
  const started = groups.flatMap((group) => startThread(group, modelArguments));
  try {
    return await Promise.all(
      started.map(async (model) => ({ ...model, isStateless: (await model.process.reset()).isStateless })),
    );
  } catch (error) {
    for (const { process } of started) await process.close();
    throw error;
  }
}

type Started = Omit<ProcessModel, 'isStateless'>;

function startThread(models: readonly SourcedModel[], modelArguments: JsonObject): Started[] {
  const sources = Object.fromEntries(models.map(({ model_id, source }) => [model_id, source]));
  const workerData: ThreadData = { sources, modelArguments };
  // The launcher prepares a thread for TypeScript as it does a process: what this one was started with is not needed.
  const worker = new Worker(new URL('../../bin/model-thread.js', import.meta.url), { workerData, execArgv: [] });
  const waiting = new Map<number, { resolve(reply: HostReply | Instance): void; reject(error: Error): void }>();
  let failure: Error | undefined;
  let sent = 0;
  let open = models.length;
  const fail = (reason: string): void => {
    failure ??= new ModelProcessFailed(`the thread of ${Object.keys(sources).join(', ')} ended: ${reason}`);
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
  };
  worker.on('message', (message: ThreadReply) => {
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if ('reply' in message) asked?.resolve(message.reply);
    else if ('instance' in message) asked?.resolve(message.instance);
    else asked?.reject(new ModelProcessFailed(message.failed));
  });
  worker.on('error', (error) => fail(error instanceof Error ? error.message : String(error)));
  const exited = once(worker, 'exit').then(([code]) => fail(`code ${code}`));
  exited.catch(() => undefined);

  const processOf = (model_id: string): ModelProcess => {
    const send = <T extends HostReply | Instance>(request: ThreadMessage['request']): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        const id = sent++;
        waiting.set(id, { resolve: resolve as (reply: HostReply | Instance) => void, reject });
        const message: ThreadMessage = { id, model_id, request };
        worker.postMessage(message);
      });
    return {
      ask: (request) => send<HostReply>(JSON.stringify(request)),
      reset: () => send<Instance>(null),
      async close() {
        if (--open === 0) await worker.terminate();
      },
    };
  };
  return models.map(({ create: _, source: __, ...names }) => ({ names, process: processOf(names.model_id) }));
}
