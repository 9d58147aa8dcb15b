import type { ScorePartition } from '@crunch-node/streams';
import type { CrunchConfig } from '../crunch-config.ts';
import { enabledEnsembles } from '../ensembles/ensemble-config.ts';

/** The writers of SCORES: one per partition of the models, and one for the signals of ensembles if there are any. */
export const scorePartitions = (config: Pick<CrunchConfig, 'partitions' | 'ensembles'>): readonly ScorePartition[] => [
  ...Array.from({ length: config.partitions }, (_, partition) => partition),
  ...(enabledEnsembles(config).length === 0 ? [] : (['ensemble'] as const)),
];
