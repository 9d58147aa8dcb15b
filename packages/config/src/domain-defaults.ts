import { aggregateSnapshot, type CommonConfig, resolveGroundTruth, tierEmission } from '@crunch-node/domain';

/** The functions an operator may replace. */
export const domainDefaults: Pick<CommonConfig, 'resolve_ground_truth' | 'aggregate_snapshot' | 'build_emission'> = {
  resolve_ground_truth: resolveGroundTruth,
  aggregate_snapshot: aggregateSnapshot,
  build_emission: tierEmission,
};
