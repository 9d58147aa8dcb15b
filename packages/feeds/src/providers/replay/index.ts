import type { FeedRecord, FeedSettings } from '@crunch-node/domain';
import { feedKeyText } from '@crunch-node/streams';
import { isGranularity, UnknownGranularity } from '../../granularity.ts';
import { mergeRecords } from '../../merge.ts';
import { optionsOf } from '../../options.ts';
import { type FeedReports, InvalidFeedOption, type ReplayProvider, silent } from '../../provider.ts';
import { Recent, Times, timeUnits } from '../../rows/index.ts';
import type { Rejection } from '../../validate-record.ts';
import { csvRecords } from './csv.ts';
import { type ReplaySource, replaySources } from './describe.ts';
import { NoReplayData } from './find-files.ts';
import { parquetRecords } from './parquet.ts';
import { segmentRecords } from './stream-archive.ts';

/**
 * Recorded data as it once came. Options: `data` (files and folders, separated by commas), `speed` (max), `start`
 * (first `ts_event`), `end` (behind the last), `days` from the start, `source`, `time_unit` (auto). The configured subjects, kind and
 * granularity choose among what the files hold.
 */
export function replayProvider(settings: FeedSettings, given: FeedReports = silent): ReplayProvider {
  const options = optionsOf(settings);
  const unit = options.choice('time_unit', timeUnits);
  const paths = (options.text('data') ?? '')
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '');
  if (paths.length === 0)
    throw new InvalidFeedOption('replay', 'data', 'one or more files or folders', options.text('data'));
  if (settings.subjects.length === 0) {
    throw new InvalidFeedOption('replay', 'subjects', 'one or more of those in the data', settings.subjects);
  }
  if (settings.kind === 'candle' && !isGranularity(settings.granularity))
    throw new UnknownGranularity(settings.granularity);
  const limits: Limits = {
    startMs: options.time('start'),
    endMs: options.time('end'),
    days: options.number('days', { min: 0 }),
  };
  return {
    pace: 'replay',
    name: 'replay',
    speed: options.speed('speed'),
    async *records(signal) {
      let firstRejected: Rejection | undefined;
      const unreadable = new Recent(10_000);
      const reports: FeedReports = {
        notice: given.notice,
        rejected(rejection) {
          const { reason, detail, origin } = rejection;
          // A file is opened for each of its feeds.
          if (reason === 'unreadable' && !unreadable.add(`${origin} ${detail}`)) return;
          firstRejected ??= rejection;
          given.rejected(rejection);
        },
      };
      const times = new Times(unit, reports);
      const sources = await replaySources(
        settings,
        paths,
        ({ key, files }) =>
          reports.notice('left out: not among the configured feeds', {
            feed: feedKeyText(key),
            file: files.join(', '),
          }),
        (file, error) => reports.rejected({ reason: 'unreadable', detail: error.message, origin: file }),
      );
      const unnamedIn = readersOfUnnamed(sources);
      const merged = mergeRecords(
        sources.map((source) => recordsOf(source, reports, times, unnamedIn.get(source) ?? [])),
      );
      let found = 0;
      for await (const record of within(
        limits,
        distinct(
          counted(merged, () => found++),
          reports,
        ),
      )) {
        signal?.throwIfAborted();
        yield record;
      }
      if (found > 0) return;
      throw new NoReplayData(`expected records${nothingIn(paths, sources, firstRejected)}`);
    },
  };
}

/** Why there are no records, each path once. */
function nothingIn(
  paths: readonly string[],
  sources: readonly ReplaySource[],
  first: Pick<Rejection, 'origin' | 'detail'> | undefined,
): string {
  const files = [...new Set(sources.flatMap(({ files }) => files))];
  const named = first?.detail.includes(first.origin) ? first.detail : `${first?.origin}: ${first?.detail}`;
  const why = first === undefined ? `no rows in ${files.slice(0, 3).join(', ')}` : `the first fault: ${named}`;
  return `${paths.every((path) => why.includes(path)) ? '' : ` in ${paths.join(', ')}`}, found none; ${why}`;
}

/**
 * Reads up to the first record, of whatever time: what cannot be replayed is known before anything is started.
 * @throws {NoReplayData}
 */
export async function checkReplayData(settings: FeedSettings): Promise<void> {
  const { start: _, end: __, days: ___, ...options } = settings.options;
  for await (const _record of replayProvider({ ...settings, options }).records()) return;
}

/** A file is opened for each of its feeds; the first one reports its rows that name no feed. */
function readersOfUnnamed(sources: readonly ReplaySource[]): ReadonlyMap<ReplaySource, readonly string[]> {
  const taken = new Set<string>();
  const found = new Map<ReplaySource, readonly string[]>();
  for (const source of sources.filter(({ keyed }) => keyed)) {
    const files = source.files.filter((file) => !taken.has(file));
    for (const file of files) taken.add(file);
    found.set(source, files);
  }
  return found;
}

/** A file that cannot be read, or not to its end, is rejected, and the others are read on. */
async function* recordsOf(
  { key, files, format, keyed }: ReplaySource,
  reports: FeedReports,
  times: Times,
  unnamedIn: readonly string[],
): AsyncIterable<FeedRecord> {
  try {
    if (format === 'parquet') yield* parquetRecords(files, key, keyed, reports, times, unnamedIn);
    else if (format === 'events') yield* segmentRecords(files, key, reports);
    else yield* csvRecords(files[0]!, key, reports, { times, reportsUnnamed: unnamedIn.length > 0 });
  } catch (error) {
    if (!(error instanceof NoReplayData)) throw error;
    reports.rejected({ reason: 'unreadable', detail: error.message, origin: files.join(', ') });
  }
}

async function* counted(records: AsyncIterable<FeedRecord>, count: () => void): AsyncIterable<FeedRecord> {
  for await (const record of records) {
    count();
    yield record;
  }
}

interface Limits {
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  readonly days: number | undefined;
}

async function* within(
  { startMs, endMs, days }: Limits,
  records: AsyncIterable<FeedRecord>,
): AsyncIterable<FeedRecord> {
  let firstMs = startMs;
  for await (const record of records) {
    if (startMs !== undefined && record.ts_event < startMs) continue;
    firstMs ??= record.ts_event;
    const behindMs = Math.min(
      endMs ?? Number.POSITIVE_INFINITY,
      firstMs + (days ?? Number.POSITIVE_INFINITY) * 86_400_000,
    );
    if (record.ts_event >= behindMs) return;
    yield record;
  }
}

/** The first record of an identity wins, also across overlapping files. Records of a feed ascend by now. */
async function* distinct(records: AsyncIterable<FeedRecord>, reports: FeedReports): AsyncIterable<FeedRecord> {
  const newest = new Map<string, { ts_event: number; ordinals: Set<string> }>();
  for await (const record of records) {
    const key = feedKeyText(record);
    const lastOfKey = newest.get(key);
    const ordinal = record.ordinal ?? '';
    if (lastOfKey === undefined || lastOfKey.ts_event !== record.ts_event) {
      newest.set(key, { ts_event: record.ts_event, ordinals: new Set([ordinal]) });
    } else if (lastOfKey.ordinals.has(ordinal)) {
      reports.rejected({ reason: 'duplicate', detail: `${record.ts_event} ${ordinal}`.trim(), origin: key });
      continue;
    } else lastOfKey.ordinals.add(ordinal);
    yield record;
  }
}

export { describeReplayData, type ReplaySource } from './describe.ts';
export { NoReplayData } from './find-files.ts';
