/** The competition of the workloads: the reference's realtime pack with the metrics its engine computes by default. */
import { defineCrunch, realtimePack } from '@crunch-node/config';
import type { CrunchConfig } from '@crunch-node/domain';

export const competition = ({ cycleSeconds = 60 }: { readonly cycleSeconds?: number } = {}): CrunchConfig =>
  defineCrunch({
    ...realtimePack,
    crunch_id: 'bench',
    cycle_seconds: cycleSeconds,
    metrics_every: 1,
    metrics: ['ic', 'ic_sharpe', 'hit_rate', 'max_drawdown', 'model_correlation'],
    aggregation: {
      windows: [{ name: 'score_1h', hours: 1 }],
      value_field: 'value',
      ranking_key: 'score_1h',
      ranking_direction: 'desc',
    },
    checkpoint_interval_seconds: 7 * 24 * 3600,
  }) as CrunchConfig;
