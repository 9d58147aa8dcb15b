import type { FeedKey, Json } from '@crunch-node/streams';
import type { Document } from 'mongodb';
import type { FeedReports } from '../../provider.ts';
import { plainJson, type Row, rowOf, type Times, valueAt } from '../../rows/index.ts';
import { shown } from '../../shown.ts';
import type { CollectionSettings } from './settings.ts';

/** The name of a type only MongoDB has, which its class gives: a document may have a field of this name. */
const bsonType = (value: unknown): string | undefined =>
  typeof value === 'object' && value !== null && !Object.hasOwn(value, '_bsontype')
    ? (value as { _bsontype?: string })._bsontype
    : undefined;

/** Types only MongoDB has, as texts. Numbers of its own that a double holds have become numbers before. */
function bsonText(value: object): Json | undefined {
  const type = bsonType(value);
  if (type === undefined) return undefined;
  if (type === 'Binary') return (value as { toString(encoding: string): string }).toString('base64');
  const text = String(value);
  return text.startsWith('[object') ? shown(value, Number.POSITIVE_INFINITY) : text;
}

const plainDocument = (value: unknown): Json | undefined => plainJson(value, bsonText);

/** Subject of a document as far as it names one. */
export function subjectOf(document: Document, { subjectPath }: CollectionSettings): string | null {
  const subject = valueAt(document, subjectPath);
  return typeof subject === 'string' && subject !== '' ? subject : null;
}

/** A document as a row: its values are all fields that do not begin with `_`. */
export function documentRow(
  key: FeedKey,
  document: Document,
  { timePath }: CollectionSettings,
  times: Times,
  reports: FeedReports,
): Row {
  const id = idText(document._id);
  const values: Record<string, Json> = {};
  for (const [name, value] of Object.entries(document)) {
    if (name.startsWith('_')) continue;
    const plain = plainDocument(value);
    if (plain !== undefined) values[name] = plain;
  }
  const origin = `mongodb ${key.subject} ${id}`;
  const time = times.read(timeValue(valueAt(document, timePath)), `mongodb ${key.subject}`);
  return rowOf(key, { time, values, id, origin }, reports);
}

const NUMBERS = new Set(['Long', 'Int32', 'Double', 'Decimal128']);

/** Numbers of types only MongoDB has by their digits; anything else as it is. */
export const timeValue = (value: unknown): unknown => (NUMBERS.has(bsonType(value) ?? '') ? String(value) : value);

/** Unlike ids have unlike texts. */
export function idText(id: unknown): string {
  const plain = plainDocument(id);
  return typeof plain === 'string' ? plain : (JSON.stringify(plain) ?? '');
}
