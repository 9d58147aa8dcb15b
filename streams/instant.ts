/**
 * UTC time as `YYYY-MM-DDTHH:MM:SS.ffffffZ`, always six digits, so that text order is time order.
 * Microseconds since the epoch fit a double exactly until the year 2255, and whole milliseconds of them until 2540.
 */
export type Instant = string;

/** Parses by hand what the pattern of the schema and `Date.parse` would accept: it runs for every message of every stream. */
export function isInstant(text: string): boolean {
  if (text.length !== 27 || text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':') return false;
  if (text[16] !== ':' || text[19] !== '.' || text[26] !== 'Z') return false;
  const [year, month, day] = [twoDigits(text, 0) + twoDigits(text, 2), twoDigits(text, 5), twoDigits(text, 8)];
  const [hour, minute, second] = [twoDigits(text, 11), twoDigits(text, 14), twoDigits(text, 17)];
  const fraction = twoDigits(text, 20) + twoDigits(text, 22) + twoDigits(text, 24);
  return (
    year >= 0 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= 31 && // like `Date.parse`, which accepts the 31st of any month
    minute <= 59 &&
    second <= 59 &&
    fraction + minute + second >= 0 &&
    hour >= 0 &&
    (hour < 24 || (hour === 24 && minute + second + fraction === 0))
  );
}

/** Negative infinity unless there are two digits, so that sums of it reveal the error. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NEGATIVE_INFINITY;
}

/** Beyond it a double would lose milliseconds too. */
const FARTHEST_MICROS = 2 ** 54;

const DAY_MILLIS = 86_400_000;
/** The day last written and the one last read: neighbouring events share it, and dates are the costly part of a time. */
let written = { day: Number.NaN, date: '' };
let read = { date: '', millis: Number.NaN };

const padded = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** Date and time up to the second, with the point that follows. @param day number of days since the epoch */
function toTheSecond(day: number, millisOfDay: number): string {
  if (written.day !== day) written = { day, date: new Date(day * DAY_MILLIS).toISOString().slice(0, -13) };
  const seconds = Math.floor(millisOfDay / 1_000);
  const minutes = Math.floor(seconds / 60);
  return `${written.date}${padded(Math.floor(minutes / 60))}:${padded(minutes % 60)}:${padded(seconds % 60)}.`;
}

/** @param micros microseconds since the epoch, an integer */
export function instantOfMicros(micros: number): Instant {
  if (!Number.isInteger(micros) || Math.abs(micros) > FARTHEST_MICROS)
    throw new RangeError(`expected integer microseconds, received ${micros}`);
  const millis = Math.floor(micros / 1000);
  const day = Math.floor(millis / DAY_MILLIS);
  const millisOfDay = millis - day * DAY_MILLIS;
  const fraction = (millisOfDay % 1_000) * 1_000 + (micros - millis * 1_000);
  return `${toTheSecond(day, millisOfDay)}${String(fraction).padStart(6, '0')}Z`;
}

/** @param millis milliseconds since the epoch, an integer */
export const instantOfMillis = (millis: number): Instant => instantOfMicros(millis * 1000);

/** Milliseconds since the epoch, microseconds truncated. */
export function millisOf(instant: Instant): number {
  const millis = isInstant(instant) ? millisOfDate(instant.slice(0, 10)) + millisOfDay(instant) : Date.parse(instant);
  if (Number.isNaN(millis))
    throw new RangeError(`expected an instant such as 2026-01-31T00:00:00.000000Z, received ${instant}`);
  return millis;
}

function millisOfDate(date: string): number {
  if (read.date !== date) read = { date, millis: Date.parse(date) };
  return read.millis;
}

function millisOfDay(instant: Instant): number {
  const minutes = twoDigits(instant, 11) * 60 + twoDigits(instant, 14);
  const tenths = twoDigits(instant, 20) * 10 + (instant.charCodeAt(22) - 48);
  return (minutes * 60 + twoDigits(instant, 17)) * 1_000 + tenths;
}

/** Microseconds since the epoch. */
export const microsOf = (instant: Instant): number => millisOf(instant) * 1000 + Number(instant.slice(23, 26));

/** @param seconds may be fractional; rounded to the microsecond */
export const addSeconds = (instant: Instant, seconds: number): Instant =>
  instantOfMicros(microsOf(instant) + Math.round(seconds * 1e6));

/** Seconds from `from` to `to`, negative when `to` is earlier. */
export const secondsBetween = (from: Instant, to: Instant): number => (microsOf(to) - microsOf(from)) / 1e6;
