import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { microsOf } from '@crunch-node/streams';
import { openDuck, sqlText } from '../duck.ts';

export type TableType = 'varchar' | 'double' | 'bigint' | 'boolean' | 'timestamptz';

export interface TableColumn {
  readonly name: string;
  readonly type: TableType;
}

/** Pages of rows; values in the order of the columns, times as six-digit instants. */
export type TablePages = AsyncIterable<readonly (readonly unknown[])[]>;

const LIMITS = { threads: 1, memoryMb: 512 };
const CHUNK_ROWS = 2_048;

/**
 * Writes rows as one Parquet file. Readers see either the old file or the new one.
 * @returns the number of rows
 */
export async function writeTable(file: string, columns: readonly TableColumn[], pages: TablePages): Promise<number> {
  const target = resolve(file);
  const folder = dirname(target);
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  const scratch = `${temporary}.spill`;
  const duck = openDuck(folder, LIMITS, scratch);
  const connection = await duck.connect();
  try {
    const { BIGINT, BOOLEAN, DOUBLE, DuckDBDataChunk, DuckDBTimestampTZValue, TIMESTAMPTZ, VARCHAR } = await import(
      '@duckdb/node-api'
    );
    const types = { varchar: VARCHAR, double: DOUBLE, bigint: BIGINT, boolean: BOOLEAN, timestamptz: TIMESTAMPTZ };
    const cellOf = (type: TableType, value: unknown) => {
      if (value === null || value === undefined) return null;
      if (type === 'timestamptz') return new DuckDBTimestampTZValue(BigInt(microsOf(value as string)));
      return type === 'bigint' ? BigInt(value as number) : (value as string | number | boolean);
    };
    const list = columns.map(({ name, type }) => `"${name.replaceAll('"', '""')}" ${type}`).join(', ');
    await connection.run(`create temp table written (${list})`);
    const appender = await connection.createAppender('written');
    let count = 0;
    for await (const rows of pages) {
      for (let i = 0; i < rows.length; i += CHUNK_ROWS) {
        const some = rows.slice(i, i + CHUNK_ROWS);
        const chunk = DuckDBDataChunk.create(columns.map(({ type }) => types[type]));
        chunk.setColumns(columns.map(({ type }, c) => some.map((row) => cellOf(type, row[c]))));
        appender.appendDataChunk(chunk);
      }
      count += rows.length;
    }
    appender.closeSync();
    await connection.run(`copy written to ${sqlText(temporary)} (format parquet, compression zstd)`);
    await rename(temporary, target);
    return count;
  } finally {
    connection.closeSync();
    duck.close();
    await rm(temporary, { force: true });
    await rm(scratch, { recursive: true, force: true });
  }
}
