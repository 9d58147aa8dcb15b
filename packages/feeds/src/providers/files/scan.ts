import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { FeedSettings } from '@crunch-node/domain';
import { type FeedKey, feedKeyText } from '@crunch-node/streams';
import type { FeedReports } from '../../provider.ts';
import { describeReplayData, type ReplaySource } from '../replay/describe.ts';
import { findFiles } from '../replay/find-files.ts';

/** A file as it is now. */
export interface FoundFile {
  readonly file: string;
  readonly format: ReplaySource['format'];
  /** it can be read from where it ended before */
  readonly grows: boolean;
  readonly keyed: boolean;
  /** of the configured subjects; their source is the file's own word for it */
  readonly keys: readonly FeedKey[];
  readonly size: number;
  /** another one is another file, though of the same name */
  readonly inode: number;
  /** changes with the file */
  readonly version: string;
}

/** Looks again and again which feed files there are; what a file is about is found out once a version of it. */
export function scanner(settings: FeedSettings, paths: readonly string[], source: string, reports: FeedReports) {
  const known = new Map<string, FoundFile>();
  /** versions of files */
  const unreadable = new Map<string, string>();
  const { subjects, kind, granularity } = settings;
  const only = subjects.length === 1 ? { subject: subjects[0]! } : {};

  return async function scan(): Promise<readonly FoundFile[]> {
    const files = await findFiles(paths, { mayBeNone: true });
    const found: FoundFile[] = [];
    for (const file of files) {
      const one = await look(file);
      if (one !== null && one.keys.length > 0) found.push(one);
    }
    return found;
  };

  /** Null: it is gone, or nothing can be made of it as it is. */
  async function look(file: string): Promise<FoundFile | null> {
    const now = await stat(file).catch(() => null);
    if (now === null) return null;
    const version = `${now.ino}:${now.size}:${now.mtimeMs}`;
    if (unreadable.get(file) === version) return null;
    try {
      return await lookInto(file, now, version);
    } catch (error) {
      unreadable.set(file, version);
      reports.notice('a file cannot be read yet', { file, reason: (error as Error).message });
      return null;
    }
  }

  async function lookInto(file: string, { size, ino: inode }: Stats, version: string): Promise<FoundFile> {
    const before = known.get(file);
    if (before?.version === version) return before;
    // The feed in the name of a CSV file never changes; feed columns may name another one by now.
    const isNamed = before !== undefined && before.format === 'csv' && !before.keyed && before.size > 0;
    if (isNamed) return remember({ ...before, size, inode, version });
    const described = await describeReplayData([file], { source, kind, granularity, ...only });
    const [first] = described;
    const keys = described
      .map(({ key }) => key)
      .filter((key) => subjects.includes(key.subject) && key.kind === kind && key.granularity === granularity);
    if (keys.length === 0) {
      const feeds = described.map(({ key }) => feedKeyText(key)).join(', ');
      reports.notice('left out: not among the configured feeds', { feed: feeds, file });
    }
    const { format = 'csv', keyed = false } = first ?? {};
    return remember({ file, format, grows: file.toLowerCase().endsWith('.csv'), keyed, keys, size, inode, version });
  }

  function remember(found: FoundFile): FoundFile {
    known.set(found.file, found);
    return found;
  }
}
