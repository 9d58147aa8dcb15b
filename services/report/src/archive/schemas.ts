import { Type } from '@sinclair/typebox';
import { Gap } from '../backfills/schemas.ts';
import { Count, NullableTsZ } from '../values/schemas.ts';

export const ArchiveFile = Type.Object(
  {
    path: Type.String({ description: 'below /data/backfill/' }),
    records: Count,
    size_bytes: Count,
    date: Type.String({ description: 'UTC day, for example 2026-11-21' }),
    sha256: Type.String({ description: 'of the bytes, lower-case hex' }),
  },
  { title: 'ArchiveFile' },
);

export const Gaps = Type.Object(
  {
    source: Type.String(),
    subject: Type.String(),
    kind: Type.String(),
    granularity: Type.String(),
    start: NullableTsZ,
    end: NullableTsZ,
    step_seconds: Type.Unsafe<number | null>({
      type: ['integer', 'null'],
      description: 'null for feeds without a grid: only whole days can be missing then',
    }),
    present: Count,
    missing: Type.Unsafe<number | null>({ type: ['integer', 'null'] }),
    gap_count: Count,
    gaps: Type.Array(Gap, { description: 'the first of them, oldest first' }),
    unreadable: Type.Array(Type.String(), { description: 'files that cannot be read' }),
  },
  { title: 'ArchiveGaps' },
);

const binary = { type: 'string', format: 'binary' } as const;

/** A file as it is. */
export const parquetFile = {
  description: 'The file, or the range of it that was asked for',
  content: { 'application/octet-stream': { schema: binary } },
};

export const contentTypes = {
  parquet: 'application/vnd.apache.parquet',
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
  arrow: 'application/vnd.apache.arrow.stream',
} as const;

export const answer = {
  description: 'Records, ascending by `ts_event`',
  headers: {
    'X-Row-Count': { type: 'integer', description: 'how many follow' },
    'X-Row-Limit': { type: 'integer', description: 'how many there are at most' },
    'X-Next-Start': { type: 'string', description: 'where to go on; only when the answer is cut' },
    'X-Unreadable-Files': { type: 'string', description: 'files that cannot be read; only when there are some' },
    Link: { type: 'string', description: 'the next page; only when the answer is cut' },
  },
  content: {
    [contentTypes.parquet]: { schema: binary },
    'text/csv': { schema: { type: 'string' } },
    'application/json': {
      schema: { type: 'array', items: { type: 'object', additionalProperties: true } },
    },
    [contentTypes.arrow]: { schema: binary },
  },
};
