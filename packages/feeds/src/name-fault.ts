import type { FeedRecord } from '@crunch-node/domain';
import { escapeToken } from '@crunch-node/streams';
import { shown } from './shown.ts';

/** An id becomes part of a message header and of a primary key: both have limits of a few kilobytes. Percent-encoded. */
const MOST_ID_BYTES = 1_024;
/** The dimensions together; they become the NATS subject as well. */
const MOST_FEED_BYTES = 1_024;

const DIMENSIONS = ['source', 'subject', 'kind', 'granularity'] as const;

/** What is wrong with the texts a record is named by, for a person; or null. */
export function nameFault(record: FeedRecord): string | null {
  let bytes = DIMENSIONS.length - 1;
  for (const name of DIMENSIONS) {
    const length = encodedLength(name, record[name]);
    if (typeof length !== 'number') return length;
    bytes += length;
  }
  if (bytes > MOST_FEED_BYTES) {
    const what = 'source, subject, kind and granularity, percent-encoded';
    return `expected at most ${MOST_FEED_BYTES} bytes of ${what}, received ${bytes}`;
  }
  if (record.ordinal === undefined) return null;
  const length = encodedLength('id', record.ordinal);
  if (typeof length !== 'number') return length;
  if (length <= MOST_ID_BYTES) return null;
  return `expected an id of at most ${MOST_ID_BYTES} bytes, percent-encoded, received ${length}: ${shown(record.ordinal, 40)}`;
}

/** Of a text that is far too long its own length: it need not be encoded to be refused. */
function encodedLength(name: string, value: unknown): number | string {
  if (typeof value !== 'string') return `expected ${name} to be a text, received ${shown(value, 40)}`;
  if (!value.isWellFormed()) {
    return `expected ${name} in well-formed Unicode, received ill-formed Unicode: ${shown(value, 40)}`;
  }
  return value.length > MOST_ID_BYTES ? Buffer.byteLength(value) : escapeToken(value).length;
}
