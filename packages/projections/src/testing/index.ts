export { fill } from './fill.ts';
export { recorded } from './recorded.ts';
export type { Sample } from './sample.ts';
export { sampleLog } from './sample-log.ts';
export { type SampleScore, scoredLog } from './scored-log.ts';
