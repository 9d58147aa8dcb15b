import { type Instant, instantOfMillis } from './instant.ts';

const ISO =
  /^(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?([Zz]|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?)?$/;
const [FIRST_MS, LAST_MS] = [-62_167_219_200_000, 253_402_300_799_999];

/** A parsed time: whole epoch milliseconds, and the remaining microseconds (0 to 999). */
export interface TextTime {
  readonly millis: number;
  readonly micros: number;
}

/**
 * A date or a date-time in ISO 8601, in UTC unless it names a zone: `2024-01-31`, `2024-01-31 12:00`,
 * `2024-01-31T12:00:00.123456789+05:30`. Digits below a microsecond are truncated. Null for everything else, including
 * a day or an hour that does not exist: the result of `Date.parse` for other texts depends on the zone of the process.
 */
export function readTimeText(text: string): TextTime | null {
  const match = ISO.exec(text);
  if (match === null) return null;
  const [, date, clock = '00:00', seconds = '00', fraction = '', zone = 'Z'] = match;
  const whole = `${date}T${clock}:${seconds}`;
  const local = Date.parse(`${whole}Z`);
  // `Date` would turn 31 February into 2 March, and 24:00 into the next day.
  if (Number.isNaN(local) || new Date(local).toISOString().slice(0, 19) !== whole) return null;
  const digits = fraction.slice(0, 6).padEnd(6, '0');
  const millis = local - offsetMs(zone) + Number(digits.slice(0, 3));
  return millis < FIRST_MS || millis > LAST_MS ? null : { millis, micros: Number(digits.slice(3)) };
}

/** The same as an instant. */
export function instantOfText(text: string): Instant | null {
  const read = readTimeText(text);
  return read === null ? null : `${instantOfMillis(read.millis).slice(0, 23)}${String(read.micros).padStart(3, '0')}Z`;
}

function offsetMs(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const [hours, minutes] = [zone.slice(1, 3), zone.slice(3).replace(':', '') || '0'];
  return (zone.startsWith('-') ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
