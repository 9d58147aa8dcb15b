import { type Instant, instantOfMillis } from '@crunch-node/streams';
import pg from 'pg';

const INT8 = 20;
const TIMESTAMPTZ = 1184;
const TEXT = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?([+-]\d{2})(?::(\d{2}))?$/;

/** Times come back as the six-digit text they were written as: a `Date` would drop the microseconds. */
function parseTimestamp(received: string): Instant {
  const match = TEXT.exec(received);
  if (match === null)
    throw new RangeError(
      `expected a timestamptz such as 2026-01-31 00:00:00.5+00 (DateStyle ISO), received ${received}`,
    );
  const [, date, time, fraction = '', hours, minutes = '00'] = match;
  const micros = fraction.padEnd(6, '0');
  if (hours === '+00' && minutes === '00') return `${date}T${time}.${micros}Z`;
  const seconds = instantOfMillis(Date.parse(`${date}T${time}${hours}:${minutes}`));
  return `${seconds.slice(0, 20)}${micros}Z`;
}

/** Counts and sequences: exact as numbers up to 2^53, which no log reaches. */
function parseInt8(received: string): number {
  const number = Number(received);
  if (!Number.isSafeInteger(number)) throw new RangeError(`expected a bigint below 2^53, received ${received}`);
  return number;
}

/** Type parsers for `pg`, per pool, so that other users of `pg` are unaffected. */
export const pgTypes: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === TIMESTAMPTZ) return parseTimestamp;
    if (oid === INT8) return parseInt8;
    return pg.types.getTypeParser(oid, format);
  },
} as pg.CustomTypesConfig;
