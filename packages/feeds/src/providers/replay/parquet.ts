import type { FeedRecord } from '@crunch-node/domain';
import { byCodePoint, type FeedKey } from '@crunch-node/streams';
import type { DuckDBConnection, DuckDBInstance, DuckDBValue } from '@duckdb/node-api';
import { mergeRecords } from '../../merge.ts';
import type { FeedReports } from '../../provider.ts';
import { Times } from '../../rows/index.ts';
import { NoReplayData } from './find-files.ts';
import {
  DIMENSIONS,
  dimensionsOf,
  firstLine,
  layoutOf,
  relationOf,
  type Selected,
  selectionOf,
  sqlText,
  type TimeColumn,
  timeOf,
} from './parquet-layout.ts';
import { isFault, rowReader } from './row.ts';

/** Loading DuckDB takes a tenth of a second and 60 MB: only who reads Parquet pays. */
async function openDuck(): Promise<DuckDBInstance> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  return DuckDBInstance.create(':memory:', { threads: '1' });
}

/** A time without a zone is UTC, whatever the zone of the process. */
async function connect(duck: DuckDBInstance): Promise<DuckDBConnection> {
  const connection = await duck.connect();
  await connection.run(`set timezone = 'UTC'`);
  return connection;
}

/**
 * The feeds of a file by its columns, or by folders `name=value` where it has none; null when its name must give them.
 * @throws {NoReplayData} when it cannot be read
 */
export async function parquetKeys(file: string): Promise<readonly FeedKey[] | null> {
  const duck = await openDuck();
  const connection = await connect(duck);
  try {
    const layout = await layoutOf(connection, file);
    const dimensions = dimensionsOf(file, layout);
    if (dimensions === null) return null;
    const named = dimensions.map((sql, i) => `${sql} as d${i}`).join(', ');
    const reader = await connection.runAndReadAll(
      `select distinct * from (select ${named} from ${relationOf(file, layout).sql}) where ${dimensions.map((_, i) => `d${i} <> ''`).join(' and ')} order by all`,
    );
    return reader.getRows().map(([source, subject, kind, granularity]) => ({
      source: String(source),
      subject: String(subject),
      kind: String(kind),
      granularity: String(granularity),
    }));
  } catch (cause) {
    if (cause instanceof NoReplayData) throw cause;
    throw new NoReplayData(`cannot read ${file} as Parquet: ${firstLine(cause)}`, { cause });
  } finally {
    connection.closeSync();
    duck.closeSync();
  }
}

/** A readable file, and its query. */
interface Part {
  readonly file: string;
  readonly from: string;
  readonly rowNumber: string;
  readonly time: TimeColumn;
  readonly selected: readonly Selected[];
  /** of its first and last record, epoch microseconds; null when none of its rows has a time */
  readonly first: bigint | null;
  readonly last: bigint | null;
}

/**
 * The records of one feed in several files, ascending by time, in the order of the files' names where equal. Each file
 * is read by its own layout: columns as in the archive (`ts_event`) or as in CSV (`ts_event_ms`), names in any case;
 * ticks may keep their price in `meta`. `unnamedIn` are the files whose rows that name no feed are reported. A row that
 * is no record and a file that cannot be read are rejected; the others are read on.
 */
export async function* parquetRecords(
  files: readonly string[],
  key: FeedKey,
  keyed: boolean,
  reports: FeedReports,
  times = new Times('auto', reports),
  unnamedIn: readonly string[] = files,
): AsyncIterable<FeedRecord> {
  const duck = await openDuck();
  const unreadable = (file: string, error: unknown): void =>
    reports.rejected({ reason: 'unreadable', detail: firstLine(error), origin: file });
  const parts: Part[] = [];
  try {
    for (const file of [...new Set(files)].sort(byCodePoint)) {
      try {
        if (keyed && unnamedIn.includes(file)) await rejectUnnamed(duck, file, reports);
        parts.push(await partOf(duck, file, key, keyed, times));
      } catch (error) {
        unreadable(file, error);
      }
    }
    for (const together of overlapping(parts)) {
      yield* mergeRecords(together.map((part) => recordsOf(duck, part, key, reports, times, unreadable)));
    }
  } finally {
    duck.closeSync();
  }
}

/** Rows without one of the dimensions are no feed's. */
async function rejectUnnamed(duck: DuckDBInstance, file: string, reports: FeedReports): Promise<void> {
  const connection = await connect(duck);
  try {
    const layout = await layoutOf(connection, file);
    const dimensions = dimensionsOf(file, layout) ?? [];
    const { sql, rowNumber } = relationOf(file, layout);
    const missing = dimensions.map((dimension) => `coalesce(${dimension}, '') = ''`);
    const result = await connection.stream(
      `select (${rowNumber} + 1)::varchar, ${missing.join(', ')} from ${sql}
       where ${missing.join(' or ')}`,
    );
    for await (const rows of result.yieldRows()) {
      for (const [place, ...isMissing] of rows) {
        const detail = DIMENSIONS.filter((_, i) => isMissing[i] === true).join(', ');
        reports.rejected({ reason: 'missing_field', detail, origin: `${file}, row ${textOf(place)}` });
      }
    }
  } finally {
    connection.closeSync();
  }
}

/** What is in a file, found out by reading its times alone. */
async function partOf(duck: DuckDBInstance, file: string, key: FeedKey, keyed: boolean, times: Times): Promise<Part> {
  const connection = await connect(duck);
  try {
    const layout = await layoutOf(connection, file);
    const time = timeOf(file, key.kind, layout, times.unit);
    const selected = selectionOf(file, key, layout);
    const dimensions = keyed ? (dimensionsOf(file, layout) ?? []) : [];
    const conditions = dimensions.map((sql, i) => `${sql} = ${sqlText(key[DIMENSIONS[i]!])}`);
    const { sql: relation, rowNumber } = relationOf(file, layout);
    const from = `from ${relation}${conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`}`;
    const reader = await connection.runAndReadAll(`select min(t), max(t) from (select ${time.micros} as t ${from})`);
    const [first = null, last = null] = (reader.getRows()[0] ?? []) as (bigint | null)[];
    return { file, from, rowNumber, time, selected, first, last };
  } finally {
    connection.closeSync();
  }
}

/** Files whose times overlap are read side by side, the others one after another. */
function overlapping(parts: readonly Part[]): Part[][] {
  const groups: Part[][] = [];
  let last: bigint | null = null;
  const start = ({ first }: Part): bigint => first ?? -1n;
  for (const part of [...parts].sort((a, b) => Number(start(a) - start(b)))) {
    if (last !== null && part.first !== null && part.first <= last) groups.at(-1)!.push(part);
    else groups.push([part]);
    if (part.last !== null && (last === null || part.last > last)) last = part.last;
  }
  return groups.map((group) => group.sort((a, b) => byCodePoint(a.file, b.file)));
}

/** Rows without a time come first, and are rejected. */
async function* recordsOf(
  duck: DuckDBInstance,
  { file, from, rowNumber, time, selected }: Part,
  key: FeedKey,
  reports: FeedReports,
  times: Times,
  unreadable: (file: string, error: unknown) => void,
): AsyncIterable<FeedRecord> {
  const connection = await connect(duck);
  const places = new Map(selected.map(({ name }, place) => [name, place + 3]));
  const read = rowReader(key, times, { expected: 'ms', isExchange: time.isExchange });
  try {
    const result = await connection.stream(
      `select ${[`(${rowNumber} + 1)::varchar`, time.written, time.micros, ...selected.map(({ sql }) => sql)].join(', ')}
       ${from} order by ${time.micros} nulls first, ${rowNumber}`,
    );
    for await (const rows of result.yieldRows()) {
      for (const cells of rows) {
        const [place, written, micros] = cells;
        const at = time.isStamp && typeof micros === 'bigint' ? new Date(Number(micros / 1000n)) : textOf(written);
        const row = read((column) => textOf(cells[places.get(column) ?? -1]), at);
        if (isFault(row)) reports.rejected({ ...row, origin: `${file}, row ${textOf(place)}` });
        else yield row;
      }
    }
  } catch (error) {
    unreadable(file, error);
  } finally {
    connection.closeSync();
  }
}

const textOf = (value: DuckDBValue | undefined): string | undefined =>
  value === null || value === undefined ? undefined : String(value);
