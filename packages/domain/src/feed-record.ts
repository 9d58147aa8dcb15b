import type { FeedKey, Instant, JsonObject } from '@crunch-node/streams';

/**
 * A normalised record of a feed. `at`: when it became complete and knowable; stages compare this. `ts_event`: the feed's
 * own time (a candle's open), epoch milliseconds.
 */
export interface FeedRecord extends FeedKey {
  readonly at: Instant;
  readonly ts_event: number;
  readonly ordinal?: string;
  readonly values: JsonObject;
  readonly metadata?: JsonObject;
}
