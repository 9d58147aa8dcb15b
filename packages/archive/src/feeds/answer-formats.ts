import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { Duck } from '../duck.ts';
import { arrowBytes } from './arrow.ts';
import { type ArchiveColumn, typeOfColumn } from './columns.ts';
import { type ArchivePlan, partSql } from './query.ts';

export const streamedFormats = ['csv', 'json', 'arrow'] as const;
export type StreamedFormat = (typeof streamedFormats)[number];

/** The result of a plan, in pieces as they are computed; nothing is computed before it is consumed. */
export function answerBytes(duck: Duck, plan: ArchivePlan, format: StreamedFormat): AsyncGenerator<Uint8Array> {
  switch (format) {
    case 'csv':
      return csv(duck, plan);
    case 'json':
      return json(duck, plan);
    case 'arrow':
      return arrowBytes(plan.columns, chunksOf(duck, plan, plan.columns.join(', ')));
  }
}

async function* csv(duck: Duck, plan: ArchivePlan): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${plan.columns.join(',')}\n`);
  const cells = plan.columns.map((column) => (typeOfColumn(column) === 'varchar' ? quoted(column) : textSql(column)));
  for await (const lines of linesOf(duck, plan, `concat_ws(',', ${cells.join(', ')})`)) {
    yield Buffer.from(`${lines.join('\n')}\n`);
  }
}

/** An array with an object per row, one per line. */
async function* json(duck: Duck, plan: ArchivePlan): AsyncGenerator<Uint8Array> {
  const members = plan.columns.map((column) => `${column} := ${jsonSql(column)}`);
  yield Buffer.from('[');
  let separator = '\n';
  for await (const lines of linesOf(duck, plan, `to_json(struct_pack(${members.join(', ')}))::varchar`)) {
    yield Buffer.from(`${separator}${lines.join(',\n')}`);
    separator = ',\n';
  }
  yield Buffer.from('\n]\n');
}

/** JSON has no NaN and no infinity, which files of other producers may contain. */
function jsonSql(column: ArchiveColumn): string {
  const type = typeOfColumn(column);
  if (type === 'double') return `case when isfinite(${column}) then ${column} end`;
  return type === 'timestamptz' ? textSql(column) : column;
}

/** Times as everywhere in this API: UTC with Z, six fractional digits unless they are zero. Null is empty. */
const textSql = (column: ArchiveColumn): string =>
  typeOfColumn(column) === 'timestamptz'
    ? `replace(strftime(${column} at time zone 'UTC', '%Y-%m-%dT%H:%M:%S.%f'), '.000000', '') || 'Z'`
    : `coalesce(${column}::varchar, '')`;

/** Quoted where necessary. */
const quoted = (column: ArchiveColumn): string =>
  `case when regexp_matches(${column}, '[",\\r\\n]') then '"' || replace(${column}, '"', '""') || '"' else coalesce(${column}, '') end`;

/** DuckDB formats the values: only the lines are assembled here. */
async function* linesOf(duck: Duck, plan: ArchivePlan, line: string): AsyncGenerator<readonly string[]> {
  for await (const chunk of chunksOf(duck, plan, line)) yield chunk.getColumnValues(0) as string[];
}

async function* chunksOf(duck: Duck, plan: ArchivePlan, select: string): AsyncGenerator<DuckDBDataChunk> {
  const connection = await duck.connect();
  try {
    for (const part of plan.parts) {
      const result = await connection.stream(partSql(select, part));
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) break;
        yield chunk;
      }
    }
  } finally {
    connection.interrupt();
    connection.closeSync();
  }
}
