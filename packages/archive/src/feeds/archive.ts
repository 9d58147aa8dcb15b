import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { FeedKey } from '@crunch-node/streams';
import { openDuck } from '../duck.ts';
import { answerBytes, type StreamedFormat } from './answer-formats.ts';
import { dayFilesOf } from './day-files.ts';
import { createFileIndex, type FileIndex } from './file-index.ts';
import { findGaps, type GapQuestion, type GapReport } from './gaps.ts';
import { answerFile } from './parquet-answer.ts';
import { type ArchivePlan, type ArchiveQuestion, planQuery } from './query.ts';
import { archiveFileAt } from './resolve.ts';

/** Reading side of the archive: safe concurrently with a writer. */
export interface FeedArchive {
  readonly index: FileIndex;
  /** Absolute path of a file given by source, subject, kind, granularity and file name; null when there is none. */
  file(segments: readonly string[]): Promise<string | null>;
  /** Whether there is any file of a feed. */
  holds(feed: FeedKey): Promise<boolean>;
  gaps(question: GapQuestion): Promise<GapReport>;
  /** @throws {LimitTooSmall} */
  plan(question: ArchiveQuestion): Promise<ArchivePlan>;
  /** Computed lazily; ending the iteration ends the work. */
  bytes(plan: ArchivePlan, format: StreamedFormat): AsyncGenerator<Uint8Array>;
  parquet(plan: ArchivePlan, signal?: AbortSignal): Promise<{ readonly file: string; remove(): Promise<void> }>;
  close(): Promise<void>;
}

export interface FeedArchiveOptions {
  readonly root: string;
  readonly onUnreadable?: (path: string, error: Error) => void;
  readonly memoryMb?: number;
}

/** Opens nothing before the first query: the folder may not exist yet. */
export function openFeedArchive({ root, onUnreadable, memoryMb = 256 }: FeedArchiveOptions): FeedArchive {
  const folder = resolve(root);
  // The archive itself may be read-only for this process.
  const scratch = join(tmpdir(), `crunch-node-archive-${randomBytes(6).toString('hex')}`);
  const duck = openDuck(folder, { threads: 1, memoryMb }, scratch);
  return {
    index: createFileIndex(duck, folder, onUnreadable ?? (() => undefined)),
    file: (segments) => archiveFileAt(folder, segments),
    holds: async (feed) => (await dayFilesOf(folder, feed, {})).length > 0,
    gaps: (question) => findGaps(duck, folder, question),
    plan: (question) => planQuery(duck, folder, question),
    bytes: (plan, format) => answerBytes(duck, plan, format),
    parquet: (plan, signal) => answerFile(duck, scratch, plan, signal),
    async close() {
      duck.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}
