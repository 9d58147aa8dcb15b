import type { FeedRecord } from '@crunch-node/domain';
import type { Json } from '@crunch-node/streams';

/** The value when it is a finite number. */
export const finite = (value: Json | undefined): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** Models count in whole seconds, the log in milliseconds. */
export const secondsOf = ({ ts_event }: FeedRecord): number => Math.floor(ts_event / 1000);
