import type { Aggregation } from '@crunch-node/domain';

/** The windows that the web UI's own columns and charts read by name. */
export const usualWindows = [
  { name: 'score_recent', hours: 24 },
  { name: 'score_steady', hours: 72 },
  { name: 'score_anchor', hours: 168 },
] as const satisfies Aggregation['windows'];
