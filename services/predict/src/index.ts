/** Calls participants' models and records their predictions. One lease and one writer per partition. */

import { scheduledConfigs } from '@crunch-node/config';
import { type CrunchConfig, hasRoundsByCommand } from '@crunch-node/domain';
import type { Responder } from '@crunch-node/eventlog';
import { connectModels, type ModelPool, type RunnerCredentials } from '@crunch-node/models';
import { MODELS_QUERY, orAborted, type Service, type ServiceContext } from '@crunch-node/service';
import { type LoopContext, type PromptStage, runPrompt, startStage } from '@crunch-node/stages';
import { instantOfMicros, partitionOf } from '@crunch-node/streams';
import { type AskContext, createAsk } from './ask.ts';
import { measured, modelInstruments } from './model-instruments.ts';
import { RosterWriter } from './roster.ts';
import { predictStage } from './stage.ts';
import { createAskSamples } from './tournament-ask.ts';
import { tournamentStage } from './tournament-stage.ts';
import { waitForModels } from './wait-for-models.ts';

export { type Answers, type AskContext, createAsk, type RoundAnswer } from './ask.ts';
export { type CheckedCall, type CheckedModel, checkModels } from './check.ts';
export { type RecordedRounds, recordedPredictStage } from './recorded-stage.ts';

export { type PredictState, predictStage } from './stage.ts';

export interface PredictOptions {
  /** `ws://host:port`, without the crunch id */
  readonly orchestratorUrl: string;
  readonly baseClassname?: string;
  /** how calls are secured; plaintext unless given */
  readonly credentials?: RunnerCredentials;
  /** replay pace: no record is read before these have joined, or were given up on */
  readonly expectedModels?: readonly string[];
}

/** Connects to the orchestrator and predicts until stopped. */
export function startPredict(
  context: ServiceContext<CrunchConfig>,
  { orchestratorUrl, baseClassname = 'cruncher.ModelBaseClass', expectedModels = [], credentials }: PredictOptions,
): Service {
  const { config, pace, logger } = context;
  const partitions = Array.from({ length: config.partitions }, (_, partition) => partition);
  /** with the group they were taken in: one that ends late must not give away what was taken again */
  const own = new Map<number, object>();
  const isOwn = (modelId: string): boolean => own.has(partitionOf(modelId, config.partitions));
  const pool = connectModels({
    orchestratorUrl,
    crunchId: config.crunch_id,
    baseClassname,
    ...(config.model_arguments && { modelArguments: config.model_arguments }),
    ...(credentials && { credentials }),
    log: logger.child({ service: 'predict' }),
    // A model has one connection that calls it: that of its partition's owner.
    wanted: isOwn,
  });
  const calls = modelInstruments(context.metrics);
  const service = startStage('predict', context, partitions, async (loopContext, taken) => {
    const group = {};
    for (const partition of taken) own.set(partition, group);
    pool.lookAgain();
    const given = (partition: number): void => {
      if (own.get(partition) !== group) return;
      own.delete(partition);
      pool.lookAgain();
    };
    try {
      await waitForModels(pool, pace === 'replay' ? expectedModels.filter(isOwn) : [], pace, loopContext);
      await predictTogether(context, loopContext, { pool: measured(pool, calls), partitions: taken, given });
    } finally {
      for (const partition of taken) given(partition);
    }
  });
  return {
    ...service,
    async stop() {
      await service.stop();
      await pool.close();
    },
  };
}

interface Taken {
  readonly pool: ModelPool;
  readonly partitions: readonly number[];
  /** called when a partition is lost, before another instance can own it */
  given(partition: number): void;
}

/** Predicts for partitions that were taken together. */
async function predictTogether(
  { config, pace }: ServiceContext<CrunchConfig>,
  context: LoopContext,
  { pool, partitions, given }: Taken,
): Promise<void> {
  const { log, vitals, signal } = context;
  const publisher = log.publisher();
  const now = () => instantOfMicros(nowUs());
  const roster = new RosterWriter({ log, publisher, partitions: config.partitions, about: new Set(partitions), now });
  const leases = context.leases?.map((lease, i) => ({
    partition: lease.partition,
    lost: lease.lost,
    handover: lease.handover,
    progress: lease.progress,
    hold: (running: AbortSignal, work: (own: AbortSignal) => Promise<void>) =>
      lease.hold(running, (own) => followingModels(own, partitions[i]!, work)),
  }));

  /**
   * A change of the roster that cannot be appended ends the partition: another owner is at work, or the log is away.
   */
  async function followingModels(own: AbortSignal, partition: number, work: (own: AbortSignal) => Promise<void>) {
    const failing = new AbortController();
    const unfollow = await roster.follow(partition, pool, (error) => failing.abort(error));
    try {
      await work(AbortSignal.any([own, failing.signal]));
    } finally {
      await orAborted(unfollow(), own).catch(() => undefined);
      given(partition);
    }
    if (failing.signal.aborted && !own.aborted) throw failing.signal.reason;
  }

  let responder: Responder | undefined;
  try {
    await roster.load(signal);
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
    responder = hasRoundsByCommand(config) ? await log.respond(MODELS_QUERY, async () => reachable(pool)) : undefined;
    await runPrompt(stages, { ...context, ...(leases && { leases }) });
  } finally {
    await responder?.close();
    await publisher.close();
  }
}

/** Clients that request a round need to know beforehand whether any model can answer. */
const reachable = (pool: ModelPool) => ({
  orchestrator_connected: pool.orchestratorConnected,
  running: pool.running().length + pool.elsewhere,
});

/** Rounds follow the feed, or come by command. */
function stagesOf(partitions: readonly number[], loopContext: AskContext): readonly PromptStage[] {
  const { config, pace } = loopContext;
  const outputType = config.output_type;
  if (hasRoundsByCommand(config)) {
    const ask = createAskSamples(loopContext);
    return partitions.map((partition) => tournamentStage({ partition, outputType, limit: config, ask }));
  }
  const ask = createAsk(loopContext);
  const schedules = scheduledConfigs(config);
  return partitions.map((partition) =>
    predictStage({
      rules: { ...config, partition, schedules },
      outputType,
      postPredict: config.post_predict_hook,
      limit: config,
      pace,
      ask,
    }),
  );
}

/** Unix microseconds, for stamps: steps of the system clock since the start of the process are not followed. */
const nowUs = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000);
