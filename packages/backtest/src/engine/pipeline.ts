import { scheduledConfigs } from '@crunch-node/config';
import { type CrunchConfig, enabledEnsembles } from '@crunch-node/domain';
import { ensembleStage } from '@crunch-node/ensemble';
import { type AskContext, predictStage } from '@crunch-node/predict';
import { rankStage } from '@crunch-node/rank';
import { scoreStage } from '@crunch-node/score';
import { snapshotStage } from '@crunch-node/snapshot';
import type { CyclicStage, PromptStage } from '@crunch-node/stages';
import {
  type Closing,
  type Event,
  type FeedRecorded,
  feeds,
  leaderboards,
  PredictionsCycleClosed,
  partitionOf,
  predictions,
  type StreamDefinition,
  scores,
  signals,
  snapshots,
} from '@crunch-node/streams';
import { cyclicSteps, knowsNothing, LearnedStream, type PromptSteps, promptSteps } from './stage-steps.ts';

export type AskModels = ReturnType<typeof import('@crunch-node/predict').createAsk>;

export interface PipelineOptions {
  readonly config: CrunchConfig;
  readonly modelIds: readonly string[];
  readonly ask: AskModels;
  /** Receives everything that is published, cycle by cycle, in the order of the stages; closings included. */
  publish(stream: StreamDefinition, events: readonly Event[]): void;
}

/** The stages from predict to rank, each called with the events of the one before it. */
export interface Pipeline {
  /** A record that is not late. */
  record(event: FeedRecorded): Promise<void>;
  /** Works the cycle off up to its leaderboard. */
  close(closing: Closing): Promise<void>;
}

interface Predicting {
  readonly partition: number;
  readonly steps: PromptSteps;
  readonly score: ReturnType<typeof cyclicSteps>;
  /** published in the open cycle */
  open: Event[];
}

/**
 * The very stages that serve live, one after the other in this process. Partitions without a model are left out: they
 * have rounds without predictions, and nothing of them comes after.
 */
export function createPipeline({ config, modelIds, ask, publish }: PipelineOptions): Pipeline {
  const partitions = [...new Set(modelIds.map((id) => partitionOf(id, config.partitions)))].sort((a, b) => a - b);
  const schedules = scheduledConfigs(config);
  const predicting = partitions.map((partition): Predicting => {
    const stage = predictStage({
      rules: { ...config, partition, schedules },
      outputType: config.output_type,
      postPredict: config.post_predict_hook,
      limit: config,
      pace: 'replay',
      ask,
    });
    return {
      partition,
      steps: promptSteps(stage as PromptStage, knowsNothing),
      score: cyclicSteps(scoreStage(config, partition)),
      open: [],
    };
  });
  const idle = Array.from({ length: config.partitions }, (_, partition) => partition).filter(
    (partition) => !partitions.includes(partition),
  );
  const combining = enabledEnsembles(config).length === 0 ? null : combinator(config);
  const snapshot = cyclicSteps(snapshotStage(config));
  const rank = cyclicSteps(rankStage(config) as CyclicStage);
  /** of the open cycle */
  let records: Event[] = [];
  let combined: Event[] = [];

  async function combine(events: readonly Event[]): Promise<void> {
    for (const event of events) combined.push(...((await combining?.steps.take(event)) ?? []));
  }

  return {
    async record(event) {
      records.push(event);
      for (const one of predicting) {
        const events = await one.steps.take(event);
        one.open.push(...events);
        if (combining !== null) await combine(events);
      }
    },
    async close(closing) {
      const cycle = closing.data;
      publish(feeds, [...records, closing]);
      const scored: Event[] = [];
      for (const one of predicting) {
        const events = [...one.open, ...(await one.steps.close(closing))];
        one.open = [];
        publish(predictions, events);
        if (combining !== null) await combine(events.slice(-1));
        const reacted = one.score(cycle, [...records, ...events.slice(0, -1)]);
        publish(scores, reacted);
        scored.push(...reacted.slice(0, -1));
      }
      if (combining !== null) {
        const { start, end, config_hash } = cycle;
        await combine(idle.map((partition) => PredictionsCycleClosed.at(end, { start, end, config_hash, partition })));
        const own = combining.stage.closing(cycle);
        publish(signals, [...combined, own]);
        const reacted = combining.score(cycle, [...records, ...combined]);
        publish(scores, reacted);
        scored.push(...reacted.slice(0, -1));
        combining.weights.forget(own);
        combined = [];
      }
      records = [];
      const taken = snapshot(cycle, scored);
      publish(snapshots, taken);
      const ranked = rank(cycle, taken.slice(0, -1));
      publish(leaderboards, ranked);
      combining?.weights.learn(ranked);
    },
  };
}

function combinator(config: CrunchConfig) {
  const stage = ensembleStage({ config, pace: 'replay', nowUs: () => 0 }) as PromptStage;
  const weights = new LearnedStream(stage.sideInput!);
  return { stage, weights, steps: promptSteps(stage, weights), score: cyclicSteps(scoreStage(config, 'ensemble')) };
}

export type { AskContext };
