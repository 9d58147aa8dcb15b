import type { CrunchConfig } from '@crunch-node/domain';
import * as domain from '@crunch-node/domain';

type Named = Readonly<Record<string, unknown>>;
const named = domain as unknown as Named;

const late = <F>(name: string): F =>
  ((...args: unknown[]) => (named[name] as (...given: unknown[]) => unknown)(...args)) as F;

/** The functions an operator may replace. */
export const domainDefaults: Pick<CrunchConfig, 'resolve_ground_truth' | 'aggregate_snapshot' | 'build_emission'> = {
  resolve_ground_truth: late('resolveGroundTruth'),
  aggregate_snapshot: late('aggregateSnapshot'),
  build_emission: late('tierEmission'),
};

export const knownMetrics: readonly string[] = ['ic', 'hit_rate', 'mean_return', 'max_drawdown'];
