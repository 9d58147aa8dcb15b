import type { CrunchDefinition } from '../definition.ts';
import { realtimePack } from './realtime.ts';

const HORIZON_SECONDS = 120;

const schedule = (subject: string, order: number) => ({
  scope_key: `${subject.toLowerCase()}-${HORIZON_SECONDS}s`,
  scope: { subject },
  prediction_interval_seconds: 60,
  resolve_horizon_seconds: HORIZON_SECONDS,
  order,
});

/** Two assets, minute candles, a checkpoint every hour: what `crunch-node up --demo` runs. */
export const demoPack = {
  ...realtimePack,
  crunch_id: 'demo',
  crunch_pubkey: 'demo-crunch',
  compute_provider: 'demo-compute',
  data_provider: 'demo-data',
  feed: { provider: 'synthetic', subjects: ['BTCUSDT', 'ETHUSDT'], kind: 'candle', granularity: '1m' },
  scope: { subject: 'BTCUSDT', step_seconds: 60 },
  scheduled_predictions: [schedule('BTCUSDT', 0), schedule('ETHUSDT', 1)],
  metrics: ['ic', 'hit_rate', 'mean_return', 'max_drawdown'],
  aggregation: {
    windows: [
      { name: 'score_1h', hours: 1 },
      { name: 'score_6h', hours: 6 },
      { name: 'score_24h', hours: 24 },
    ],
    value_field: 'value',
    ranking_key: 'score_24h',
    ranking_direction: 'desc',
  },
  cycle_seconds: 60,
  checkpoint_interval_seconds: 3600,
  model_timeout_seconds: 1,
} satisfies CrunchDefinition;
