import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DuckDBAppender, DuckDBBlobValue } from '@duckdb/node-api';
import { type Duck, sqlText } from '../duck.ts';
import { syncFolder } from './manifest.ts';
import type { Row } from './rows.ts';

const COLUMNS = `sequence bigint, subject varchar, id varchar, type varchar, v integer, "at" varchar,
  headers varchar, payload blob, stored_us bigint`;

/** Writes rows in their order; the file exists completely or not at all. */
export async function writeSegment(duck: Duck, folder: string, file: string, rows: readonly Row[]): Promise<void> {
  const path = join(folder, file);
  const temporary = `${path}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  const connection = await duck.connect();
  try {
    await connection.run(`create or replace temp table segment (${COLUMNS})`);
    const appender = await connection.createAppender('segment', null, 'temp');
    for (const row of rows) append(appender, row);
    appender.closeSync();
    await connection.run(`copy segment to ${sqlText(temporary)} (format parquet, compression zstd)`);
    const handle = await open(temporary, 'r');
    await handle.sync().finally(() => handle.close());
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } finally {
    connection.closeSync();
    await rm(temporary, { force: true });
  }
}

function append(appender: DuckDBAppender, row: Row): void {
  const text = (value: string | null): void => (value === null ? appender.appendNull() : appender.appendVarchar(value));
  appender.appendBigInt(BigInt(row.sequence));
  text(row.subject);
  text(row.id);
  text(row.type);
  if (row.v === null) appender.appendNull();
  else appender.appendInteger(row.v);
  text(row.at);
  text(JSON.stringify(row.headers));
  appender.appendBlob(row.payload);
  appender.appendBigInt(BigInt(row.stored_us));
  appender.endRow();
}

/** In the order of the file. */
export async function* readSegment(duck: Duck, folder: string, file: string): AsyncGenerator<Row> {
  const connection = await duck.connect();
  try {
    const result = await connection.stream(
      `from read_parquet(${sqlText(join(folder, file))}, hive_partitioning = false)`,
    );
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      for (const values of chunk.getRows()) {
        const [sequence, subject, id, type, v, at, headers, payload, stored] = values;
        yield {
          sequence: Number(sequence),
          subject: String(subject),
          id: id as string | null,
          type: type as string | null,
          v: v as number | null,
          at: at as string | null,
          headers: JSON.parse(String(headers)) as Row['headers'],
          payload: (payload as DuckDBBlobValue).bytes,
          stored_us: Number(stored),
        };
      }
    }
  } finally {
    connection.closeSync();
  }
}

/** Null when there is no such file. */
export async function fingerprint(folder: string, file: string): Promise<{ bytes: number; sha256: string } | null> {
  const path = join(folder, file);
  const found = await stat(path).catch(() => null);
  if (found === null) return null;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return { bytes: found.size, sha256: hash.digest('hex') };
}
