import {
  type ConfigActivated,
  checkpoints,
  feeds,
  leaderboards,
  predictions,
  rounds,
  type StreamDefinition,
  scores,
  signals,
  snapshots,
} from '@crunch-node/streams';

/** One partition of a stage, as an operator sees it. */
export interface StagePartition {
  readonly service: string;
  readonly partition: string;
  /** the lease its owner holds */
  readonly lease: string;
  /** where its closings stand */
  readonly stream: StreamDefinition;
  readonly closingSubject: string;
  readonly inputs: readonly StreamDefinition[];
}

/** Everything that should have an owner under a configuration. */
export function stagePartitions({ partitions, ensembles, config }: ConfigActivated['data']): readonly StagePartition[] {
  const isTournament = config.tournament !== null && config.tournament !== undefined;
  const source = isTournament ? rounds : feeds;
  const numbers = Array.from({ length: partitions }, (_, partition) => String(partition));
  const sole = (service: string, stream: StreamDefinition, closingSubject: string, inputs: StreamDefinition[]) => ({
    service,
    partition: 'all',
    lease: service,
    stream,
    closingSubject,
    inputs,
  });
  const predict = numbers.map((partition) => ({
    service: 'predict',
    partition,
    lease: partitions === 1 ? 'predict' : `predict.${partition}`,
    stream: predictions,
    closingSubject: `predictions.${partition}`,
    inputs: [source],
  }));
  const scored = ensembles.length > 0 ? [...numbers, 'ensemble'] : numbers;
  const score = scored.map((partition) => ({
    service: 'score',
    partition,
    lease: scored.length === 1 ? 'score' : `score.${partition}`,
    stream: scores,
    closingSubject: `scores.${partition}`,
    inputs: partition === 'ensemble' ? [feeds, signals] : [source, predictions],
  }));
  return [
    sole('ingest', feeds, 'feeds.cycle', []),
    ...predict,
    ...(ensembles.length > 0 ? [sole('ensemble', signals, 'signals.cycle', [predictions, leaderboards])] : []),
    ...score,
    sole('snapshot', snapshots, 'snapshots.cycle', [scores]),
    sole('rank', leaderboards, 'leaderboards.cycle', [snapshots]),
    sole('checkpoint', checkpoints, 'checkpoints.cycle', [snapshots]),
  ];
}
