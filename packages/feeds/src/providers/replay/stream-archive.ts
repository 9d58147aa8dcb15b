import path from 'node:path';
import type { FeedRecord } from '@crunch-node/domain';
import { type FeedKey, feedNatsSubject, isInstant, unescapeToken } from '@crunch-node/streams';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { FeedReports } from '../../provider.ts';
import { shown } from '../../shown.ts';
import { type Fault, faultOf } from '../../validate-record.ts';
import { NoReplayData } from './find-files.ts';
import { isFault } from './row.ts';

/** Columns that only a segment of a stream has, as `archive export` writes it. */
const COLUMNS = ['sequence', 'subject', 'type', 'at', 'payload'];

async function connected<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
  }
}

/** The feeds in a segment of a stream: none of a stream that is not FEEDS. Null: the file is no segment. */
export async function segmentKeys(file: string): Promise<readonly FeedKey[] | null> {
  // Named by their first sequence: other files need not be opened twice.
  if (!/^\d+\.parquet$/.test(path.basename(file))) return null;
  return connected(async (connection) => {
    const described = await connection
      .runAndReadAll(`describe select * from read_parquet(${sqlText(file)}, hive_partitioning = false)`)
      .catch(() => null);
    const columns = new Set(described?.getRows().map(([name]) => String(name)));
    if (!COLUMNS.every((name) => columns.has(name))) return null;
    const reader = await connection.runAndReadAll(
      `select distinct subject from read_parquet(${sqlText(file)}, hive_partitioning = false)
       where type = 'FeedRecorded' order by all`,
    );
    return reader.getRows().map(([subject]) => {
      const [, source = '', name = '', kind = '', granularity = ''] = String(subject).split('.').map(unescapeToken);
      return { source, subject: name, kind, granularity };
    });
  });
}

/** The records of one feed in segments of FEEDS, in the order of the times they became known at. */
export async function* segmentRecords(
  files: readonly string[],
  key: FeedKey,
  reports: FeedReports,
): AsyncIterable<FeedRecord> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
  try {
    const result = await connection.stream(
      `select sequence::varchar, decode(payload) from read_parquet([${files.map(sqlText).join(', ')}], hive_partitioning = false)
       where type = 'FeedRecorded' and subject = ${sqlText(feedNatsSubject(key))} order by "at", sequence`,
    );
    for await (const rows of result.yieldRows()) {
      for (const [sequence, payload] of rows) {
        const record = recordOf(String(payload), key);
        if (isFault(record)) reports.rejected({ ...record, origin: `${files.join(', ')}, sequence ${sequence}` });
        else yield record;
      }
    }
  } catch (cause) {
    throw new NoReplayData(`cannot read ${files.join(', ')}: ${(cause as Error).message}`, { cause });
  } finally {
    connection.closeSync();
  }
}

function recordOf(payload: string, key: FeedKey): FeedRecord | Fault {
  const unreadable = (detail: string): Fault => ({ reason: 'unreadable', detail });
  let event: { readonly at?: unknown; readonly data?: Partial<Omit<FeedRecord, 'at'>> };
  try {
    event = JSON.parse(payload) as typeof event;
  } catch (error) {
    return unreadable((error as Error).message);
  }
  const { at, data } = event ?? {};
  if (typeof at !== 'string' || !isInstant(at))
    return unreadable(`expected an event with a time, received ${shown(at)}`);
  const { ts_event, values, ordinal, metadata } = data ?? {};
  if (typeof ts_event !== 'number' || typeof values !== 'object' || values === null) {
    return unreadable(`expected a record, received ${shown(data)}`);
  }
  const record: FeedRecord = {
    ...key,
    at,
    ts_event,
    ...(ordinal !== undefined && { ordinal }),
    values,
    ...(metadata !== undefined && { metadata }),
  };
  return faultOf(record) ?? record;
}

const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
