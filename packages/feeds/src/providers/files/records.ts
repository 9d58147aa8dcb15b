import type { FeedRecord } from '@crunch-node/domain';
import type { FeedKey } from '@crunch-node/streams';
import type { FeedReports } from '../../provider.ts';
import type { Times } from '../../rows/index.ts';
import { csvRecords } from '../replay/csv.ts';
import { NoReplayData } from '../replay/find-files.ts';
import { parquetRecords } from '../replay/parquet.ts';
import { endOfLines, type FoundFile, firstLine } from './scan.ts';

/** Records of one feed in a file, from a byte on where it grows. A file that cannot be read ends, and says so. */
export async function* recordsOf(
  found: FoundFile,
  key: FeedKey,
  source: string,
  reports: FeedReports,
  times: Times,
  fromByte = 0,
): AsyncIterable<FeedRecord> {
  for await (const record of asWritten(found, key, reports, times, fromByte)) yield { ...record, source };
}

async function* asWritten(
  found: FoundFile,
  key: FeedKey,
  reports: FeedReports,
  times: Times,
  fromByte: number,
): AsyncIterable<FeedRecord> {
  try {
    if (found.format === 'parquet') yield* parquetRecords([found.file], key, found.keyed, reports, times);
    else if (!found.grows) yield* csvRecords(found.file, key, reports, undefined, times);
    else {
      const end = await endOfLines(found.file, found.size);
      const header = fromByte === 0 ? null : await firstLine(found.file);
      yield* csvRecords(found.file, key, reports, { start: fromByte, end, header }, times);
    }
  } catch (error) {
    if (!(error instanceof NoReplayData)) throw error;
    reports.rejected({ reason: 'unreadable', detail: error.message, origin: found.file });
    reports.notice('a file cannot be read further', { file: found.file, reason: error.message });
  }
}
