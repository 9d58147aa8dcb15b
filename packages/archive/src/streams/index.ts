/** Streams as Parquet segments with a hash chain: exported, verified, and restored into an empty environment. */
export * from './errors.ts';
export { type ExportOptions, exportStreams } from './export-streams.ts';
export type { ArchiveManifest, Segment } from './manifest.ts';
export { type SeedOptions, seedStreams } from './seed-streams.ts';
export { type ArchiveVerifyOptions, verifyArchive } from './verify-archive.ts';
