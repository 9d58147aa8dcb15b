import { checkpointStage } from '@crunch-node/checkpoint';
import {
  type ConfiguredEnsembles,
  type CrunchConfig,
  enabledEnsembles,
  hasRoundsByCommand,
  scorePartitions,
} from '@crunch-node/domain';
import { ensembleStage, type RecordedSignal, type WeightsOf } from '@crunch-node/ensemble';
import { type RecordedRounds, recordedPredictStage } from '@crunch-node/predict';
import { rankStage } from '@crunch-node/rank';
import { scoreStage } from '@crunch-node/score';
import { snapshotStage } from '@crunch-node/snapshot';
import type { CyclicStage, PromptStage } from '@crunch-node/stages';
import { feeds, predictions, rounds, type StreamDefinition, scores, snapshots } from '@crunch-node/streams';

/** Streams taken as recorded; all later streams are recomputed. */
export type RecomputeFrom = 'feeds' | 'predictions' | 'scores' | 'snapshots';
export const recomputeFroms: readonly RecomputeFrom[] = ['feeds', 'predictions', 'scores', 'snapshots'];

export interface StagesBehind {
  readonly taken: readonly StreamDefinition[];
  readonly cyclic: readonly CyclicStage[];
  readonly prompt: readonly PromptStage[];
}

export interface RecordedDecisions {
  /** model outputs cannot be recomputed: from FEEDS on, they are taken from the recorded rounds */
  readonly roundsOf: (stage: PromptStage) => RecordedRounds;
  /** in live pace, an ensemble that could not wait chose older weights: which ones */
  readonly weightsOf?: (stage: PromptStage) => WeightsOf;
  /** an ensemble that was removed, or changed, may have responded to earlier rounds of that cycle */
  readonly signalOf: (stage: PromptStage) => RecordedSignal;
  /** which ensembles are active in which cycle */
  readonly configured: ConfiguredEnsembles;
  /** whether any configuration has ensembles */
  readonly hasEnsembles: boolean;
}

/** Every partition of every stage that reads, directly or not, the recorded streams. */
export function stagesBehind(
  config: CrunchConfig,
  from: RecomputeFrom,
  { roundsOf, weightsOf, signalOf, configured, hasEnsembles }: RecordedDecisions,
): StagesBehind {
  const tail = [rankStage(config), checkpointStage(config)];
  if (from === 'snapshots') return { taken: [snapshots], cyclic: tail, prompt: [] };
  const summaries = [snapshotStage(config), ...tail];
  if (from === 'scores') return { taken: [scores], cyclic: summaries, prompt: [] };
  const cyclic = [...scorePartitions(config).map((partition) => scoreStage(config, partition)), ...summaries];
  const prompt: PromptStage[] = [];
  if (hasEnsembles || enabledEnsembles(config).length > 0) {
    const asked: WeightsOf = (name, round) => weightsOf?.(stage)(name, round);
    const recordedOf: RecordedSignal = (name, round) => signalOf(stage)(name, round);
    const nowUs = (): number => 0;
    const context = { config, pace: 'replay', nowUs, configured, weightsOf: asked, recordedOf } as const;
    const stage: PromptStage = ensembleStage(context);
    prompt.push(stage);
  }
  // Rounds of a tournament come by command: they do not follow from FEEDS.
  const byCommand = hasRoundsByCommand(config);
  if (from === 'predictions' || byCommand) return { taken: [byCommand ? rounds : feeds, predictions], cyclic, prompt };
  for (let partition = 0; partition < config.partitions; partition++) {
    const recorded: RecordedRounds = (id) => roundsOf(stage)(id);
    const stage: PromptStage = recordedPredictStage(config, partition, recorded);
    prompt.push(stage);
  }
  return { taken: [feeds], cyclic, prompt };
}
