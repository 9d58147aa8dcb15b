/** The archive of feed records: one Parquet file per feed and day. */

export { type Duck, type DuckLimits, openDuck } from '../duck.ts';
export { type StreamedFormat, streamedFormats } from './answer-formats.ts';
export { type FeedArchive, type FeedArchiveOptions, openFeedArchive } from './archive.ts';
export { type ArchiveColumn, archiveColumns, isArchiveColumn } from './columns.ts';
export type { FileIndex, IndexEntry, IndexFilter } from './file-index.ts';
export { findGaps, type GapQuestion, type GapReport } from './gaps.ts';
export * from './places.ts';
export { type ArchivePlan, type ArchiveQuestion, LimitTooSmall } from './query.ts';
export { type DayWritten, writeDay } from './write-day.ts';
export { bufferDays, type DayBuffer, sweepFeed } from './writer.ts';
