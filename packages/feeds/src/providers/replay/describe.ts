import type { FeedSettings } from '@crunch-node/domain';
import { type FeedKey, feedKeyText } from '@crunch-node/streams';
import { optionsOf } from '../../options.ts';
import { csvKeys } from './csv.ts';
import { formatOf, keyFromName, type NamedKey } from './file-name.ts';
import { findFiles, NoReplayData } from './find-files.ts';
import { parquetKeys } from './parquet.ts';
import { segmentKeys } from './stream-archive.ts';

/** One feed and the files it is read from. */
export interface ReplaySource {
  readonly key: FeedKey;
  /** `events`: segments of a stream, as `archive export` writes them */
  readonly format: 'csv' | 'parquet' | 'events';
  readonly files: readonly string[];
  /** the files tell their feeds apart by columns, not by name */
  readonly keyed: boolean;
}

/**
 * Which feeds the given files and folders hold, for whoever has to configure their subjects. A Parquet file that cannot
 * be read is left to `unreadable` where it is given.
 * @throws {NoReplayData} naming the path
 */
export async function describeReplayData(
  paths: readonly string[],
  fallback: NamedKey = {},
  unreadable?: (file: string, error: NoReplayData) => void,
): Promise<readonly ReplaySource[]> {
  const sources: ReplaySource[] = [];
  const tables = new Map<string, { key: FeedKey; format: 'parquet' | 'events'; files: string[]; keyed: boolean }>();
  for (const file of await findFiles(paths)) {
    if (formatOf(file) === 'csv') {
      const named = await csvKeys(file);
      for (const key of named ?? [complete(file, keyFromName(file), fallback)]) {
        sources.push({ key, format: 'csv', files: [file], keyed: named !== null });
      }
      continue;
    }
    const events = await segmentKeys(file);
    const format = events === null ? 'parquet' : 'events';
    const read = events === null ? parquetKeys(file) : Promise.resolve(events);
    const keys = await read.catch((error: Error) => {
      if (unreadable === undefined || !(error instanceof NoReplayData)) throw error;
      unreadable(file, error);
      return [];
    });
    for (const key of keys ?? [complete(file, keyFromName(file), fallback)]) {
      const name = `${format} ${keys !== null}:${feedKeyText(key)}`;
      const table = tables.get(name) ?? { key, format, files: [], keyed: keys !== null };
      table.files.push(file);
      tables.set(name, table);
    }
  }
  return [...sources, ...tables.values()];
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
    unreadable(file, error);
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

function complete(file: string, named: NamedKey, fallback: NamedKey): FeedKey {
  const { source, subject, kind, granularity } = { ...fallback, ...named };
  if (source !== undefined && subject !== undefined && kind !== undefined && granularity !== undefined) {
    return { source, subject, kind, granularity };
  }
  throw new NoReplayData(
    `${file}: its name does not give the feed; name it like binance_spot_btcusdt_1m_202401.csv.gz or ` +
      'binance/BTCUSDT/candle/1m/2024-01-01.parquet, or configure exactly one subject',
  );
}
