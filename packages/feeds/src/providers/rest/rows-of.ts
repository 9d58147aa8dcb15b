import type { FeedKey, Json } from '@crunch-node/streams';
import { JsonLines, jsonFaultIn, NotJson } from '../../json/index.ts';
import type { FeedReports } from '../../provider.ts';
import { plainJson, type Row, rowOf, type Times, valueAt } from '../../rows/index.ts';
import { plainText, shown } from '../../shown.ts';
import type { RowFields } from './settings.ts';

/**
 * The rows in a response: a list where `rows` points, or a single one; of JSON lines, those of each line. A line that is
 * not JSON counts as a row. Null: there are none in that place.
 */
export function rowsIn(body: unknown, fields: RowFields): readonly unknown[] | null {
  if (body instanceof JsonLines) {
    const found = body.documents.map((line) => (line instanceof NotJson ? [line] : rowsIn(line, fields)));
    return found.every((rows) => rows === null) ? null : found.flatMap((rows) => rows ?? []);
  }
  const found = valueAt(body, fields.rows);
  if (Array.isArray(found)) return found;
  return typeof found === 'object' && found !== null ? [found] : null;
}

/** The subject a row names; null when rows do not name theirs. */
export function subjectIn(row: unknown, { subject }: RowFields): string | null {
  if (subject === null) return null;
  const named = valueAt(row, subject);
  return named === undefined || named === null ? '' : plainText(named);
}

export function rowFrom(key: FeedKey, row: unknown, fields: RowFields, times: Times, reports: FeedReports): Row {
  const fault = jsonFaultIn(row);
  const written = valueAt(row, fields.time);
  const time = times.read(written, `${key.source} ${key.subject}`);
  if (fault !== null) {
    // Any part of the row may be wrong then; the origin names which one, so that each is reported.
    reports.rejected({
      reason: fault.isNumber ? 'not_a_number' : 'unreadable',
      detail: `expected JSON, received ${fault.received}${fault.path === '' ? '' : ` at ${fault.path}`}`,
      origin: `${key.source} ${key.subject} ${shown(row)}`,
    });
    return { tsMs: 'ms' in time ? time.ms : Number.NaN, record: null };
  }
  const id = fields.id === null ? undefined : valueAt(row, fields.id);
  const values: Record<string, Json> = {};
  const named = fields.values ?? Object.keys(Object(row)).map((name) => ({ name, path: [name] }));
  for (const { name, path } of named) {
    const value = plainJson(valueAt(row, path));
    if (value !== undefined) values[name] = value;
  }
  const origin = `${key.source} ${key.subject} ${written === undefined ? 'without a time' : shown(written, 60)}`;
  return rowOf(key, { time, values, origin, ...(id !== undefined && id !== null && { id: plainText(id) }) }, reports);
}
