import { defineCrunch, realtimePack } from '@crunch-node/config';

export default defineCrunch({
  ...realtimePack,
  crunch_id: 'tides',
  feed: {
    provider: './tides.ts', // beside this file
    subjects: ['HARBOUR'],
    kind: 'candle',
    granularity: '1s',
    backfill_minutes: 10,
    options: { height: '20' },
  },
  scope: { subject: 'HARBOUR', step_seconds: 15 },
  scheduled_predictions: [
    {
      scope_key: 'harbour-60s',
      scope: { subject: 'HARBOUR' },
      prediction_interval_seconds: 15,
      resolve_horizon_seconds: 60,
    },
  ],
});
