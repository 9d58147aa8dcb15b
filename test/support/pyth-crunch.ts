import { demoPackFor } from '@crunch-node/config';

const pack = demoPackFor(['BTC', 'ETH'], '1m');

/** Prices of Pyth by the second, predicted every two seconds, four seconds ahead. */
export default {
  ...pack,
  cycle_seconds: 2,
  lateness_seconds: 1,
  checkpoint_interval_seconds: 3_600,
  feed: { ...pack.feed, provider: 'pyth', kind: 'tick', granularity: '1s' },
  feed_normalizer: 'candle_from_tick',
  scheduled_predictions: pack.scheduled_predictions.map((schedule) => ({
    ...schedule,
    prediction_interval_seconds: 2,
    resolve_horizon_seconds: 4,
  })),
};
