import type { FeedKey } from '@crunch-node/streams';
import { CrunchError } from '@crunch-node/streams/errors';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Duck } from '../duck.ts';
import { type ArchiveColumn, archiveColumns } from './columns.ts';
import { type DayFile, dayFilesOf } from './day-files.ts';
import { rowsOfFile } from './read-sql.ts';

/** A query of the archive. Times are epoch microseconds. */
export interface ArchiveQuestion {
  readonly feed: FeedKey;
  /** first `ts_event` to include */
  readonly startMicros?: number | undefined;
  /** last `ts_event` to include */
  readonly endMicros?: number | undefined;
  /** default all, in their order */
  readonly columns?: readonly ArchiveColumn[] | undefined;
  readonly limit: number;
}

/** The parts of files that contain the result, and where to continue when it is truncated. */
export interface ArchivePlan {
  readonly columns: readonly ArchiveColumn[];
  readonly rows: number;
  /** `ts_event` of the first record omitted; null when none is */
  readonly nextMicros: number | null;
  readonly parts: readonly { readonly rows: string; readonly where: string }[];
  /** unreadable files, missing from the result */
  readonly unreadable: readonly string[];
  /** rows of the other files without a valid time, missing from the result */
  readonly rejectedRows: number;
}

/** More records of one time than the limit: there is no way to continue between them. */
export class LimitTooSmall extends CrunchError {
  override readonly name = 'LimitTooSmall';
  override readonly code = 'limit_too_small';
  constructor(limit: number) {
    super(`expected a limit that holds all records of one time, received ${limit}`);
  }
}

/** Counts before anything is sent, since a header states whether the result is truncated. */
export async function planQuery(duck: Duck, root: string, question: ArchiveQuestion): Promise<ArchivePlan> {
  const { feed, startMicros, endMicros, limit, columns = archiveColumns } = question;
  const files = await dayFilesOf(root, feed, {
    startMs: startMicros === undefined ? undefined : Math.floor(startMicros / 1000),
    endMs: endMicros === undefined ? undefined : Math.floor(endMicros / 1000),
  });
  const parts: { rows: string; where: string }[] = [];
  const unreadable: string[] = [];
  let [rows, rejectedRows] = [0, 0];
  let nextMicros: number | null = null;
  const connection = await duck.connect();
  try {
    for (const file of files) {
      const where = rangeSql(startMicros, endMicros);
      const found = await lookInto(connection, file, where);
      if (found === null) unreadable.push(file.name);
      if (found === null) continue;
      rejectedRows += found.withoutTime;
      const { count, relation } = found;
      if (count === 0) continue;
      if (rows + count <= limit) {
        rows += count;
        parts.push({ rows: relation, where });
        continue;
      }
      nextMicros = await timeAt(connection, relation, where, limit - rows);
      const kept = rangeSql(startMicros, nextMicros - 1);
      const some = await countOf(connection, relation, kept);
      if (some > 0) parts.push({ rows: relation, where: kept });
      rows += some;
      if (rows === 0) throw new LimitTooSmall(limit);
      break;
    }
  } finally {
    connection.closeSync();
  }
  return { columns, rows, nextMicros, parts, unreadable, rejectedRows };
}

const rangeSql = (startMicros: number | undefined, endMicros: number | undefined): string =>
  [
    ...(startMicros === undefined ? [] : [`epoch_us(ts_event) >= ${Math.floor(startMicros)}`]),
    ...(endMicros === undefined ? [] : [`epoch_us(ts_event) <= ${Math.floor(endMicros)}`]),
    'ts_event is not null',
  ].join(' and ');

interface Found {
  readonly relation: string;
  /** in the range */
  readonly count: number;
  /** anywhere in the file */
  readonly withoutTime: number;
}

/** Null when the file is unreadable, or none of its rows has a time. */
async function lookInto(connection: DuckDBConnection, file: DayFile, where: string): Promise<Found | null> {
  try {
    const relation = await rowsOfFile(connection, file.path);
    const reader = await connection.runAndReadAll(
      `select count(*) filter (where ${where}), count(*) - count(ts_event), count(ts_event) from ${relation}`,
    );
    const [count, withoutTime, withTime] = (reader.getRows()[0] ?? []).map(Number) as [number, number, number];
    return withoutTime > 0 && withTime === 0 ? null : { relation, count, withoutTime };
  } catch {
    return null;
  }
}

async function countOf(connection: DuckDBConnection, relation: string, where: string): Promise<number> {
  const reader = await connection.runAndReadAll(`select count(*) from ${relation} where ${where}`);
  return Number(reader.getRows()[0]?.[0]);
}

/** `ts_event` of the record at an index in time order. */
async function timeAt(connection: DuckDBConnection, relation: string, where: string, place: number): Promise<number> {
  const reader = await connection.runAndReadAll(
    `select epoch_us(ts_event) from ${relation} where ${where} order by ts_event limit 1 offset ${place}`,
  );
  return Number(reader.getRows()[0]?.[0]);
}

/** A part of a plan as a statement, ascending by time; records of one time stay in the order of their file. */
export const partSql = (select: string, { rows, where }: ArchivePlan['parts'][number]): string =>
  `select ${select} from ${rows} where ${where} order by ts_event, place`;
