import { stat } from 'node:fs/promises';
import type { FeedSettings } from '@crunch-node/domain';
import { type FeedKey, feedKeyText } from '@crunch-node/streams';
import { optionsOf } from '../../options.ts';
import { csvKeys } from './csv.ts';
import { formatOf, keyFromName, type NamedKey } from './file-name.ts';
import { findFiles, NoReplayData } from './find-files.ts';
import { parquetKeys } from './parquet.ts';
import { segmentKeys } from './stream-archive.ts';

/** The file has columns that name feeds, and no row. */
export class NoRows extends NoReplayData {
  constructor(file: string) {
    super(`${file}: has no rows`);
  }
}

/** One feed and the files it is read from. */
export interface ReplaySource {
  readonly key: FeedKey;
  /** `events`: segments of a stream, as `archive export` writes them */
  readonly format: 'csv' | 'parquet' | 'events';
  readonly files: readonly string[];
  /** the files give their feeds by columns, not by name */
  readonly keyed: boolean;
}

/**
 * Which feeds the given files and folders hold, for configuring their subjects. A file that cannot be read, whose feed
 * is not known, or that has no rows ({@link NoRows}) is left to `unreadable` where it is given.
 * @throws {NoReplayData} naming the path
 */
export async function describeReplayData(
  paths: readonly string[],
  fallback: NamedKey = {},
  unreadable?: (file: string, error: NoReplayData) => void,
): Promise<readonly ReplaySource[]> {
  const sources: ReplaySource[] = [];
  const tables = new Map<string, { key: FeedKey; format: ReplaySource['format']; files: string[]; keyed: boolean }>();
  for (const file of await findFiles(paths)) {
    try {
      const { format, keys } = await keysIn(file);
      if (keys?.length === 0) throw new NoRows(file);
      for (const key of keys ?? [await complete(file, fallback)]) {
        const keyed = keys !== null;
        if (format === 'csv') {
          sources.push({ key, format, files: [file], keyed });
          continue;
        }
        const name = `${format} ${keyed}:${feedKeyText(key)}`;
        const table = tables.get(name) ?? { key, format, files: [], keyed };
        table.files.push(file);
        tables.set(name, table);
      }
    } catch (error) {
      if (!(error instanceof NoReplayData)) throw error;
      if (unreadable !== undefined) unreadable(file, error);
      else if (!(error instanceof NoRows)) throw error;
    }
  }
  return [...sources, ...tables.values()];
}

async function keysIn(
  file: string,
): Promise<{ readonly format: ReplaySource['format']; readonly keys: readonly FeedKey[] | null }> {
  if (formatOf(file) === 'csv') return { format: 'csv', keys: await csvKeys(file) };
  const events = await segmentKeys(file);
  return events === null ? { format: 'parquet', keys: await parquetKeys(file) } : { format: 'events', keys: events };
}

/** The files of the settings' options whose feed is among the configured ones. @throws {NoReplayData} */
export async function replaySources(
  settings: FeedSettings,
  paths: readonly string[],
  leftOut: (source: ReplaySource) => void,
  unreadable: (file: string, error: NoReplayData) => void,
): Promise<readonly ReplaySource[]> {
  const options = optionsOf(settings);
  const fallback: NamedKey = {
    source: options.text('source') ?? 'replay',
    kind: settings.kind,
    granularity: settings.granularity,
    ...(settings.subjects.length === 1 && { subject: settings.subjects[0]! }),
  };
  const faults: string[] = [];
  const found = await describeReplayData(paths, fallback, (file, error) => {
    faults.push(error.message);
    // An empty file takes nothing away.
    if (!(error instanceof NoRows)) unreadable(file, error);
  });
  const source = options.text('source');
  const wanted = found.filter(
    ({ key }) =>
      settings.subjects.includes(key.subject) &&
      key.kind === settings.kind &&
      key.granularity === settings.granularity &&
      (source === undefined || key.source === source),
  );
  for (const one of found) if (!wanted.includes(one)) leftOut(one);
  const missing = settings.subjects.filter((subject) => !wanted.some(({ key }) => key.subject === subject));
  if (missing.length === 0) return wanted;
  throw new NoReplayData(
    `expected ${settings.kind} records of ${settings.granularity} for ${missing.join(', ')}, found ` +
      `${[...new Set(found.map(({ key }) => feedKeyText(key)))].join(', ') || 'none'}; change the feed's subjects, kind or granularity` +
      (faults.length === 0 ? '' : `; ${faults.join('; ')}`),
  );
}

async function complete(file: string, fallback: NamedKey): Promise<FeedKey> {
  const { source, subject, kind, granularity } = { ...fallback, ...keyFromName(file) };
  if (source !== undefined && subject !== undefined && kind !== undefined && granularity !== undefined) {
    return { source, subject, kind, granularity };
  }
  const isEmpty = (await stat(file)).size === 0;
  throw new NoReplayData(
    `${file}: ${isEmpty ? 'is empty, and ' : ''}its name does not give the feed; name it like binance_spot_btcusdt_1m_202401.csv.gz or ` +
      'binance/BTCUSDT/candle/1m/2024-01-01.parquet, or configure exactly one subject',
  );
}
