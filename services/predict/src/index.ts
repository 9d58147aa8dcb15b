/** Calls participants' models and writes down what they said. One lease and one writer per partition. */

import { scheduledConfigs } from '@crunch-node/config';
import type { CrunchConfig } from '@crunch-node/domain';
import type { Responder } from '@crunch-node/eventlog';
import { connectModels, type ModelPool, type RunnerCredentials } from '@crunch-node/models';
import {
  type LoopMeans,
  MODELS_QUERY,
  type PromptStage,
  runPrompt,
  type Service,
  type ServiceContext,
  startStage,
} from '@crunch-node/runtime';
import { instantOfMicros } from '@crunch-node/streams';
import { type AskMeans, createAsk } from './ask.ts';
import { Roster } from './roster.ts';
import { predictStage } from './stage.ts';
import { createAskSamples } from './tournament-ask.ts';
import { tournamentStage } from './tournament-stage.ts';

export interface PredictOptions {
  /** `ws://host:port`, without the crunch id */
  readonly orchestratorUrl: string;
  readonly baseClassname?: string;
  /** how calls are secured; plaintext unless given */
  readonly credentials?: RunnerCredentials;
  /** replay pace: no record is read before these have joined */
  readonly expectedModels?: readonly string[];
}

/** Connects to the orchestrator and predicts until stopped. */
export function startPredict(
  context: ServiceContext<CrunchConfig>,
  { orchestratorUrl, baseClassname = 'cruncher.ModelBaseClass', expectedModels = [], credentials }: PredictOptions,
): Service {
  const { config, pace, logger } = context;
  const partitions = Array.from({ length: config.partitions }, (_, partition) => partition);
  const pool = connectModels({
    orchestratorUrl,
    crunchId: config.crunch_id,
    baseClassname,
    ...(credentials && { credentials }),
    log: logger.child({ service: 'predict' }),
  });
  const service = startStage('predict', context, partitions, async (means) => {
    means.vitals.detail = 'waiting for the models';
    await pool.settled(pace === 'replay' ? expectedModels : [], means.signal);
    means.vitals.detail = '';
    await runTenure(context, means, pool, partitions);
  });
  return {
    ...service,
    async stop() {
      await service.stop();
      await pool.close();
    },
  };
}

async function runTenure(
  { config, pace }: ServiceContext<CrunchConfig>,
  means: LoopMeans,
  pool: ModelPool,
  partitions: readonly number[],
): Promise<void> {
  const { log, vitals } = means;
  const failing = new AbortController();
  const signal = AbortSignal.any([means.signal, failing.signal]);
  const publisher = log.publisher();
  const roster = new Roster({
    log,
    publisher,
    partitions: config.partitions,
    owned: new Set(partitions),
    now: () => instantOfMicros(nowUs()),
    fail: (error) => failing.abort(error),
  });
  let unfollow = (): void => undefined;
  let responder: Responder | undefined;
  try {
    await roster.load(signal);
    unfollow = roster.follow(pool);
    await roster.settled();
    const stages = stagesOf(partitions, {
      config,
      pace,
      pool,
      roster,
      nowUs,
      count: (name, n) => {
        vitals.counts[name] = (vitals.counts[name] ?? 0) + n;
      },
    });
    responder = config.tournament === null ? undefined : await log.respond(MODELS_QUERY, async () => reachable(pool));
    await runPrompt(stages, { ...means, signal });
    // A fact about the roster could not be said: another owner is at work, or the log is away.
    if (failing.signal.aborted) throw failing.signal.reason;
  } catch (error) {
    throw failing.signal.aborted ? failing.signal.reason : error;
  } finally {
    unfollow();
    await responder?.close();
    await publisher.close();
  }
}

/** Whoever asks for a round wants to know beforehand whether there is somebody to ask. */
const reachable = (pool: ModelPool) => ({
  orchestrator_connected: pool.orchestratorConnected,
  running: pool.running().length,
});

/** Rounds follow the feed, or come by command. */
function stagesOf(partitions: readonly number[], means: AskMeans): readonly PromptStage[] {
  const { config, pace } = means;
  const outputType = config.output_type;
  if (config.tournament !== null) {
    const ask = createAskSamples(means);
    return partitions.map((partition) => tournamentStage({ partition, outputType, ask }) as PromptStage);
  }
  const ask = createAsk(means);
  const schedules = scheduledConfigs(config);
  return partitions.map(
    (partition) =>
      predictStage({
        rules: { ...config, partition, schedules },
        outputType,
        postPredict: config.post_predict_hook,
        pace,
        ask,
      }) as PromptStage,
  );
}

/** Unix microseconds, for stamps: steps of the system clock since the start of the process are not followed. */
const nowUs = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000);
