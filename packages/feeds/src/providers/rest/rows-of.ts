import type { FeedKey, Json } from '@crunch-node/streams';
import type { FeedReports } from '../../provider.ts';
import { plainJson, type Row, rowOf, type Times, valueAt } from '../../rows/index.ts';
import type { RowFields } from './settings.ts';

/** The rows in an answer: a list where `rows` points, or a single one. Null: nothing of the kind is there. */
export function rowsIn(body: unknown, { rows }: RowFields): readonly unknown[] | null {
  const found = valueAt(body, rows);
  if (Array.isArray(found)) return found;
  return typeof found === 'object' && found !== null ? [found] : null;
}

/** The subject a row names; null when rows do not name theirs. */
export function subjectIn(row: unknown, { subject }: RowFields): string | null {
  if (subject === null) return null;
  const named = valueAt(row, subject);
  return named === undefined || named === null ? '' : String(named);
}

export function rowFrom(key: FeedKey, row: unknown, fields: RowFields, times: Times, reports: FeedReports): Row {
  const written = valueAt(row, fields.time);
  const time = times.read(written, `${key.source} ${key.subject}`);
  const id = fields.id === null ? undefined : valueAt(row, fields.id);
  const values: Record<string, Json> = {};
  const named = fields.values ?? Object.keys(Object(row)).map((name) => ({ name, path: [name] }));
  for (const { name, path } of named) {
    const value = plainJson(valueAt(row, path));
    if (value !== undefined) values[name] = value;
  }
  const origin = `${key.source} ${key.subject} ${JSON.stringify(plainJson(written))?.slice(0, 60) ?? 'without a time'}`;
  return rowOf(key, { time, values, origin, ...(id !== undefined && id !== null && { id: String(id) }) }, reports);
}
