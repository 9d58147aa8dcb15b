export { type Clock, systemClock } from './clock.ts';
export { FeedWriter } from './feed-writer.ts';
export { redriveCommands } from './redrive.ts';
export type { RejectedRows } from './rejections.ts';
export { type IngestOptions, type IngestService, startIngest } from './start.ts';
