/** The archive of feed records: one Parquet file a feed and day. */
export { type Duck, type DuckLimits, openDuck } from './duck.ts';
export { findGaps, type GapQuestion, type GapReport } from './gaps.ts';
export * from './places.ts';
export { type DayWritten, writeDay } from './write-day.ts';
export { bufferDays, type DayBuffer, sweepFeed } from './writer.ts';
