/** Every service, started in the order in which they can begin, stopped in the opposite one. */

import { startCheckpoint } from '@crunch-node/checkpoint';
import type { LoadedConfig } from '@crunch-node/config';
import type { CrunchConfig } from '@crunch-node/domain';
import { type IngestService, startIngest } from '@crunch-node/ingest';
import { startOrchestrator } from '@crunch-node/orchestrator';
import { startPredict } from '@crunch-node/predict';
import { startRank } from '@crunch-node/rank';
import type { Service, ServiceContext } from '@crunch-node/runtime';
import { startScore } from '@crunch-node/score';
import { startSnapshot } from '@crunch-node/snapshot';
import type { Closers } from '../closers.ts';

export interface Services {
  readonly all: readonly Service[];
  readonly predict: Service;
  readonly ingest: IngestService;
}

/**
 * The stages, last one first, so that each finds its reader at work; ingest, which sets everything going, comes last.
 * Without an orchestrator in the environment the example models are run here.
 */
export async function startStages(
  context: ServiceContext<CrunchConfig>,
  { environment: { values } }: LoadedConfig,
  { closers, say }: { readonly closers: Closers; say(line: string): void },
): Promise<Services> {
  const started = <S extends Service>(service: S): S => {
    closers.push(service.name, () => service.stop());
    return service;
  };
  const models = await modelsOf(context.config.crunch_id, values, closers, say);
  const { MODEL_BASE_CLASSNAME: baseClassname } = values;

  const checkpoint = started(startCheckpoint(context));
  const rank = started(startRank(context));
  const snapshot = started(startSnapshot(context));
  const score = started(startScore(context));
  const predict = started(
    startPredict(context, { ...models, ...(baseClassname === undefined ? {} : { baseClassname }) }),
  );
  const ingest = started(await startIngest(context));
  return { all: [ingest, predict, score, snapshot, rank, checkpoint], predict, ingest };
}

async function modelsOf(
  crunchId: string,
  values: LoadedConfig['environment']['values'],
  closers: Closers,
  say: (line: string) => void,
): Promise<{ orchestratorUrl: string; expectedModels?: readonly string[] }> {
  if (values.MODEL_RUNNER_NODE_HOST !== undefined) {
    return { orchestratorUrl: `ws://${values.MODEL_RUNNER_NODE_HOST}:${values.MODEL_RUNNER_NODE_PORT ?? 9091}` };
  }
  say('waiting for the example models (set MODEL_RUNNER_NODE_HOST for an orchestrator)');
  const orchestrator = await startOrchestrator({ crunchId });
  closers.push('example models', () => orchestrator.stop());
  return { orchestratorUrl: orchestrator.url, expectedModels: orchestrator.modelIds };
}
