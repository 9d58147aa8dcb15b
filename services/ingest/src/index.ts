export { type Clock, systemClock } from './clock.ts';
export { type Bounds, type ReplayStep, withClosings } from './closing.ts';
export { FeedWriter } from './feed-writer.ts';
export { redriveCommands } from './redrive.ts';
export type { RejectedRows } from './rejections.ts';
export { type IngestOptions, type IngestService, startIngest } from './start.ts';
