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
import { leaseNameOf } from './lease-names.ts';
import type { ServiceName } from './services.ts';

/** The settings that decide which partitions there are. */
export interface PipelineShape {
  readonly partitions: number;
  readonly hasEnsembles: boolean;
  readonly isTournament: boolean;
}

/** Of a recorded configuration. */
export const shapeOf = ({ partitions, ensembles, config }: ConfigActivated['data']): PipelineShape => ({
  partitions,
  hasEnsembles: ensembles.length > 0,
  isTournament: config.tournament !== null && config.tournament !== undefined,
});

/** One partition of a stage, as an operator sees it. */
export interface StagePartition {
  readonly service: ServiceName;
  /** its number, `ensemble`, or `all` where there is one */
  readonly partition: string;
  /** the lease its owner holds */
  readonly lease: string;
  /** where it publishes, and its closings there */
  readonly stream: StreamDefinition;
  readonly closingSubject: string;
  readonly inputs: readonly StreamDefinition[];
}

interface Stage {
  readonly service: ServiceName;
  readonly stream: StreamDefinition;
  readonly partitions: readonly string[];
  closingSubject(partition: string): string;
  inputs(partition: string): readonly StreamDefinition[];
}

/** Every partition that should have an owner, in the order of the pipeline. */
export const stagePartitions = (shape: PipelineShape): readonly StagePartition[] =>
  stagesOf(shape).flatMap(({ service, stream, partitions, closingSubject, inputs }) =>
    partitions.map((partition) => ({
      service,
      partition,
      lease: leaseNameOf(service, partition, partitions),
      stream,
      closingSubject: closingSubject(partition),
      inputs: inputs(partition),
    })),
  );

function stagesOf({ partitions, hasEnsembles, isTournament }: PipelineShape): readonly Stage[] {
  // Rounds of a tournament come by command, not from a feed.
  const source = isTournament ? rounds : feeds;
  const numbers = Array.from({ length: partitions }, (_, partition) => String(partition));
  const ensemble: readonly Stage[] = hasEnsembles ? [sole('ensemble', signals, [predictions, leaderboards])] : [];
  return [
    sole('ingest', feeds, []),
    {
      service: 'predict',
      stream: predictions,
      partitions: numbers,
      closingSubject: (partition) => predictions.closingSubject(Number(partition)),
      inputs: () => [source],
    },
    ...ensemble,
    {
      service: 'score',
      stream: scores,
      partitions: hasEnsembles ? [...numbers, 'ensemble'] : numbers,
      closingSubject: (partition) => scores.closingSubject(partition === 'ensemble' ? partition : Number(partition)),
      inputs: (partition) => (partition === 'ensemble' ? [feeds, signals] : [source, predictions]),
    },
    sole('snapshot', snapshots, [scores]),
    sole('rank', leaderboards, [snapshots]),
    sole('checkpoint', checkpoints, [snapshots]),
  ];
}

const sole = (
  service: ServiceName,
  stream: StreamDefinition & { closingSubject(): string },
  inputs: readonly StreamDefinition[],
): Stage => ({
  service,
  stream,
  partitions: ['all'],
  closingSubject: () => stream.closingSubject(),
  inputs: () => inputs,
});
