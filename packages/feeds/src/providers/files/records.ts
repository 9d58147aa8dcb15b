import type { FeedRecord } from '@crunch-node/domain';
import { type FeedKey, feedKeyText } from '@crunch-node/streams';
import type { FeedReports } from '../../provider.ts';
import type { Times } from '../../rows/index.ts';
import { csvRecords } from '../replay/csv.ts';
import { BEGINNING_ROWS } from '../replay/csv-beginning.ts';
import { NoReplayData } from '../replay/find-files.ts';
import { parquetRecords } from '../replay/parquet.ts';
import { segmentRecords } from '../replay/stream-archive.ts';
import type { FoundFile } from './scan.ts';
import { type FileStanding, firstLines, standingOf } from './standing.ts';

/** Empty lines among them. */
const BEGINNING_LINES = 2 * BEGINNING_ROWS;

/** What of a file that grows is to be read: what is between two standings. */
export interface Stretch {
  readonly from: FileStanding | null;
  readonly to: FileStanding;
}

/** Records of one feed in a file. Where the file cannot be read any further, this is reported and its records end. */
export async function* recordsOf(
  found: FoundFile,
  key: FeedKey,
  source: string,
  reports: FeedReports,
  times: Times,
  stretch?: Stretch,
): AsyncIterable<FeedRecord> {
  for await (const record of asWritten(found, key, reports, times, stretch)) yield { ...record, source };
}

async function* asWritten(
  found: FoundFile,
  key: FeedKey,
  reports: FeedReports,
  times: Times,
  stretch: Stretch | undefined,
): AsyncIterable<FeedRecord> {
  const { file } = found;
  const reportsUnnamed = isFirst(found, key);
  try {
    if (found.format === 'parquet')
      yield* parquetRecords([file], key, found.keyed, reports, times, reportsUnnamed ? [file] : []);
    else if (found.format === 'events') yield* segmentRecords([file], key, reports);
    else if (!found.grows) yield* csvRecords(file, key, reports, { times, reportsUnnamed });
    else {
      const { from, to } = stretch ?? { from: null, to: await standingOf(found, null) };
      const begins = from === null || from.end === 0;
      const lines = begins ? 0 : from.lines;
      const header = begins ? null : await firstLines(file, Math.min(lines, BEGINNING_LINES));
      const part = { start: begins ? 0 : from.end, end: to.end, lines, header };
      yield* csvRecords(file, key, reports, { part, times, reportsUnnamed });
    }
  } catch (error) {
    if (!(error instanceof NoReplayData)) throw error;
    reports.rejected({ reason: 'unreadable', detail: error.message, origin: file });
    reports.notice('a file cannot be read further', { file, reason: error.message });
  }
}

const isFirst = ({ keys: [first] }: FoundFile, key: FeedKey): boolean =>
  first !== undefined && feedKeyText(first) === feedKeyText(key);
