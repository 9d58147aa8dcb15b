/** A thread that runs some of the models in TypeScript, started by `threads.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import {
  densityExampleModels,
  exampleModels,
  quantileExampleModels,
  tradingExampleModels,
} from '@crunch-node/challenge';
import { type LocalModel, localPool } from '@crunch-node/models';
import { loadTypeScript } from './load-typescript.ts';
import { ThreadHost } from './thread-host.ts';
import type { ModelSource, ThreadData, ThreadMessage, ThreadReply } from './thread-messages.ts';

const EXAMPLES: Readonly<Record<string, readonly LocalModel[]>> = {
  density: densityExampleModels,
  quantile: quantileExampleModels,
  realtime: exampleModels,
  trading: tradingExampleModels,
};

async function modelOf(source: ModelSource): Promise<LocalModel> {
  if (source.kind === 'file') return loadTypeScript(source.reference, source.cwd);
  const found = EXAMPLES[source.set]?.find(({ model_id }) => model_id === source.model_id);
  if (found === undefined) throw new Error(`expected an example of ${source.set}, received ${source.model_id}`);
  return found;
}

const { sources, modelArguments } = workerData as ThreadData;
const hosts = new Map<string, ThreadHost>();
/** One model at a time: another's calls would take from the time this one has for its answer. */
let last: Promise<void> = Promise.resolve();

async function replyTo({ id, model_id, request }: ThreadMessage): Promise<ThreadReply> {
  if (request !== null) return { id, reply: await hosts.get(model_id)!.run(JSON.parse(request)) };
  const model = await modelOf(sources[model_id]!);
  let isStateless = false;
  const observed: LocalModel = {
    ...model,
    model_id,
    async create(setup) {
      const instance = await model.create(setup);
      isStateless = declaresStateless(instance);
      return instance;
    },
  };
  hosts.set(model_id, new ThreadHost(model_id, await localPool([observed], modelArguments)));
  return { id, instance: { isStateless } };
}

const declaresStateless = (instance: object): boolean => 'stateless' in instance && instance.stateless === true;

parentPort!.on('message', (message: ThreadMessage) => {
  const { id } = message;
  last = last
    .then(() => replyTo(message))
    .catch((error: unknown): ThreadReply => ({ id, failed: error instanceof Error ? error.message : String(error) }))
    .then((reply) => parentPort!.postMessage(reply));
});
