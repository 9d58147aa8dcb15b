/**
 * The wire format: one file per stream with its events, their schemas, ids and addresses. A change would invalidate the
 * keys of existing logs, so changes are new versions with upcasters, never in place.
 */
import { backfills } from './backfills.ts';
import { checkpoints } from './checkpoints.ts';
import { control } from './control.ts';
import { deadletters } from './deadletters.ts';
import type { StreamDefinition } from './define.ts';
import { feeds } from './feeds.ts';
import { leaderboards } from './leaderboards.ts';
import { models } from './models.ts';
import { predictions } from './predictions.ts';
import { rounds } from './rounds.ts';
import { scores } from './scores.ts';
import { signals } from './signals.ts';
import { snapshots } from './snapshots.ts';

export * from './backfills.ts';
export * from './checkpoints.ts';
export * from './codec.ts';
export * from './control.ts';
export * from './deadletters.ts';
export * from './define.ts';
export * from './feeds.ts';
export * from './granularity.ts';
export * from './instant.ts';
export { Instant } from './instant-schema.ts';
export * from './json.ts';
export * from './leaderboards.ts';
export * from './models.ts';
export * from './namespace.ts';
export * from './order.ts';
export * from './partition.ts';
export * from './predictions.ts';
export * from './rounds.ts';
export * from './scores.ts';
export * from './signals.ts';
export * from './snapshots.ts';
export * from './time-text.ts';
export * from './token.ts';
export * from './trading.ts';

/** Every stream, in the order of the pipeline. */
export const allStreams: readonly StreamDefinition[] = [
  control,
  feeds,
  rounds,
  models,
  predictions,
  signals,
  scores,
  snapshots,
  leaderboards,
  checkpoints,
  backfills,
  deadletters,
];
