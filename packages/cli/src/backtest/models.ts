import {
  type AskedModels,
  askedModels,
  loadTypeScript,
  type ModelProcess,
  modelProcess,
  type ProcessModel,
  type SourcedModel,
  startPython,
  startThreads,
  withCopies,
} from '@crunch-node/backtest';
import type { CrunchConfig } from '@crunch-node/domain';
import type { LocalModel } from '@crunch-node/models';
import { exampleSets } from '@crunch-node/orchestrator';
import { exampleSetOf, withoutExamples } from '../example-set.ts';
import { UsageError } from '../up/options.ts';
import { pythonOf } from './options.ts';

export interface ModelsOptions {
  readonly config: CrunchConfig;
  readonly python?: string;
  /** name of a model on the other side of standard input and output */
  readonly bridge?: string;
  readonly withExamples: boolean;
  /** threads for models in TypeScript (1: they run in this one), and copies of stateless models, where models are fewer */
  readonly jobs: number;
}

export interface OpenModels extends AskedModels {
  close(): Promise<void>;
}

/**
 * New instances of models from files, with the examples if they are wanted.
 * @throws {UsageError} for two of one name, a file of another language, or examples that cannot answer
 */
export async function openModels(references: readonly string[], options: ModelsOptions): Promise<OpenModels> {
  const { config, withExamples, bridge, jobs } = options;
  const local: SourcedModel[] = [];
  const processes: ProcessModel[] = [];
  const close = async (): Promise<void> => {
    for (const { process } of processes) await process.close();
  };
  try {
    if (bridge !== undefined) processes.push(await bridged(bridge));
    // An operator's hook makes inputs that do not follow from records alone: such models are not called ahead.
    const isAhead = config.pre_feed_update_hook === null;
    const examples = withExamples ? examplesOf(config) : [];
    const copies = isAhead ? Math.floor(jobs / (references.length + examples.length)) : 1;
    const spread = (first: ProcessModel, again: () => Promise<ProcessModel>): Promise<ProcessModel> =>
      withCopies(first, again, { copies, updateMethod: config.feed_update_method });
    for (const reference of references) {
      const [path = ''] = reference.split('#');
      if (path.endsWith('.py')) {
        const python = pythonOf(options);
        const of = {
          cwd: process.cwd(),
          env: process.env,
          ...(config.model_arguments && { modelArguments: config.model_arguments }),
          ...(python !== undefined && { python }),
        };
        const start = () => startPython(reference, of);
        processes.push(await spread(await start(), start));
      } else if (/\.[cm]?[jt]s$/.test(path)) {
        local.push(await loadTypeScript(reference, process.cwd()));
      } else throw new UsageError(`expected a model in a .ts, .js or .py file, received ${reference}`);
    }
    const ids = [...local, ...processes.map(({ names }) => names)].map(({ model_id }) => model_id);
    const twice = ids.find((id, i) => ids.indexOf(id) !== i);
    if (twice !== undefined) throw new UsageError(`expected models of different names, received ${twice} twice`);
    const scripts = [...local, ...examples.filter(({ model_id }) => !ids.includes(model_id))];
    const order = [...scripts, ...processes.map(({ names }) => names)].map(({ model_id }) => model_id);
    const inThreads = jobs > 1 && scripts.length > 0 && isAhead;
    const started = inThreads ? await startThreads(scripts, jobs, config.model_arguments) : [];
    processes.push(...started);
    for (const first of started) {
      const same = scripts.filter(({ model_id }) => model_id === first.names.model_id);
      const again = async () => (await startThreads(same, 1, config.model_arguments))[0]!;
      processes[processes.indexOf(first)] = await spread(first, again);
    }
    return { ...(await askedModels(config, inThreads ? [] : scripts, processes, order)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @throws {UsageError} for an output type no example answers with */
function examplesOf(config: CrunchConfig): readonly SourcedModel[] {
  const fault = withoutExamples(config);
  if (fault !== null) throw new UsageError(`--against examples: ${fault}`);
  const set = exampleSetOf(config);
  const models: readonly LocalModel[] = exampleSets[set];
  return models.map((model) => ({ ...model, source: { kind: 'example', set, model_id: model.model_id } }));
}

let bridge: ModelProcess | undefined;

/** The process that started this one has the model; it stays when the models are closed. */
async function bridged(model_id: string): Promise<ProcessModel> {
  bridge ??= modelProcess(
    { input: process.stdout, output: process.stdin },
    () => 'the parent process is gone',
    async () => undefined,
  );
  const { isStateless } = await bridge.reset();
  const names = { model_id, model_name: model_id, cruncher_id: 'local', cruncher_name: 'you' };
  return { names, process: { ...bridge, close: async () => undefined }, isStateless };
}
