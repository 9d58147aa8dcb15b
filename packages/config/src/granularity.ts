import { spacingSeconds } from '@crunch-node/streams';

/** Seconds between two records of a feed. Ticks come whenever they come: the least, a second. */
export const secondsBetweenRecords = (granularity: string): number => spacingSeconds(granularity) ?? 1;
