import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isArchiveName } from '@crunch-node/domain';
import { byCodePoint, type FeedKey } from '@crunch-node/streams';
import { type Duck, sqlText } from '../duck.ts';
import { type ArchiveFile, filesOf } from './day-files.ts';

/** A file as listed in the index. */
export interface IndexEntry {
  /** below the root, with forward slashes */
  readonly path: string;
  readonly records: number;
  readonly size_bytes: number;
  /** its name without the extension: a UTC day */
  readonly date: string;
  /** of its bytes, lower-case hex */
  readonly sha256: string;
}

export interface IndexFilter extends Partial<FeedKey> {
  /** first and last day, inclusive */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface FileIndex {
  /** Sorted by path. Unreadable files are omitted, and reported once. */
  list(filter?: IndexFilter): Promise<IndexEntry[]>;
}

interface Known {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** null: unreadable */
  readonly facts: { readonly records: number; readonly sha256: string } | null;
}

type Listed = ArchiveFile & { readonly relative: string };

const AT_ONCE = 8;
/** Files whose footers are read in one statement. */
const FOOTERS = 200;

/** Inspects a file once, and again when its size or time has changed. */
export function createFileIndex(
  duck: Duck,
  root: string,
  onUnreadable: (path: string, error: Error) => void,
): FileIndex {
  const known = new Map<string, Known>();

  function isFresh({ relative, sizeBytes, modifiedMs }: Listed): boolean {
    const before = known.get(relative);
    return before !== undefined && before.sizeBytes === sizeBytes && before.modifiedMs === modifiedMs;
  }

  async function lookInto(files: readonly Listed[]): Promise<void> {
    const records = await recordCounts(duck, files, onUnreadable);
    await inParallel(files, async ({ path, relative, sizeBytes, modifiedMs }) => {
      const count = records.get(path);
      const sha256 = count === undefined ? null : await sha256Of(path).catch(() => null);
      const facts = count === undefined || sha256 === null ? null : { records: count, sha256 };
      known.set(relative, { sizeBytes, modifiedMs, facts });
    });
  }

  let previous: Promise<unknown> = Promise.resolve();
  return {
    async list(filter = {}) {
      const files = await listFiles(root, filter);
      // Concurrent calls wait for one inspection, and share its result.
      const looked = previous.then(async () => {
        const unknown = files.filter((file) => !isFresh(file));
        for (let i = 0; i < unknown.length; i += FOOTERS) await lookInto(unknown.slice(i, i + FOOTERS));
      });
      previous = looked.catch(() => undefined);
      await looked;
      if (Object.keys(filter).length === 0) forget(known, files);
      return files.flatMap(({ relative, sizeBytes, name }) => {
        const facts = known.get(relative)?.facts;
        if (facts === null || facts === undefined) return [];
        return [{ path: relative, ...facts, size_bytes: sizeBytes, date: basename(name, '.parquet') }];
      });
    },
  };
}

async function listFiles(root: string, filter: IndexFilter): Promise<Listed[]> {
  let folders: readonly string[] = [''];
  for (const dimension of ['source', 'subject', 'kind', 'granularity'] as const) {
    const wanted = filter[dimension];
    const below = await Promise.all(folders.map((folder) => foldersIn(root, folder, wanted)));
    folders = below.flat();
  }
  const files = await Promise.all(
    folders.map(async (folder) =>
      (await filesOf(join(root, folder))).map((file) => ({ ...file, relative: `${folder}${file.name}` })),
    ),
  );
  const { from = '', to = '\uffff' } = filter;
  return files
    .flat()
    .filter(({ name }) => basename(name, '.parquet') >= from && basename(name, '.parquet') <= to)
    .sort((a, b) => byCodePoint(a.relative, b.relative));
}

async function foldersIn(root: string, folder: string, wanted: string | undefined): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
  return entries.flatMap((entry) => {
    const isOne = entry.isDirectory() && isArchiveName(entry.name) && (wanted === undefined || entry.name === wanted);
    return isOne ? [`${folder}${entry.name}/`] : [];
  });
}

async function recordCounts(
  duck: Duck,
  files: readonly Listed[],
  onUnreadable: (path: string, error: Error) => void,
): Promise<ReadonlyMap<string, number>> {
  const connection = await duck.connect();
  const counts = new Map<string, number>();
  const ask = async (some: readonly Listed[]): Promise<void> => {
    const list = some.map(({ path }) => sqlText(path)).join(', ');
    const reader = await connection.runAndReadAll(`select file_name, num_rows from parquet_file_metadata([${list}])`);
    for (const [file, rows] of reader.getRows()) counts.set(String(file), Number(rows));
  };
  try {
    await ask(files).catch(async () => {
      // One of them is damaged; the others are inspected one by one.
      for (const file of files) {
        await ask([file]).catch((error: Error) => onUnreadable(file.relative, error));
      }
    });
  } finally {
    connection.closeSync();
  }
  return counts;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Forgets files that are gone. */
function forget(known: Map<string, Known>, files: readonly Listed[]): void {
  const there = new Set(files.map(({ relative }) => relative));
  for (const path of known.keys()) if (!there.has(path)) known.delete(path);
}
