import { type TString, Type } from '@sinclair/typebox';

/**
 * UTC time as `YYYY-MM-DDTHH:MM:SS.ffffffZ`, always six digits, so that text order is time order.
 * Microseconds since the epoch fit a double exactly until the year 2255.
 */
export type Instant = string;

const PATTERN = '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{6}Z$';
const MATCHER = new RegExp(PATTERN);

export const Instant: TString = Type.String({ pattern: PATTERN, description: 'UTC time with six fractional digits' });

export const isInstant = (text: string): boolean => MATCHER.test(text) && !Number.isNaN(Date.parse(text));

/** @param micros microseconds since the epoch, an integer */
export function instantOfMicros(micros: number): Instant {
  if (!Number.isSafeInteger(micros)) throw new RangeError(`expected integer microseconds, received ${micros}`);
  const millis = Math.floor(micros / 1000);
  const rest = micros - millis * 1000;
  return `${new Date(millis).toISOString().slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}

/** @param millis milliseconds since the epoch, an integer */
export const instantOfMillis = (millis: number): Instant => instantOfMicros(millis * 1000);

/** Milliseconds since the epoch, microseconds truncated. */
export const millisOf = (instant: Instant): number => {
  const millis = Date.parse(instant);
  if (Number.isNaN(millis))
    throw new RangeError(`expected an instant such as 2026-01-31T00:00:00.000000Z, received ${instant}`);
  return millis;
};

/** Microseconds since the epoch. */
export const microsOf = (instant: Instant): number => millisOf(instant) * 1000 + Number(instant.slice(23, 26));

/** @param seconds may be fractional; rounded to the microsecond */
export const addSeconds = (instant: Instant, seconds: number): Instant =>
  instantOfMicros(microsOf(instant) + Math.round(seconds * 1e6));

/** Seconds from `from` to `to`, negative when `to` is earlier. */
export const secondsBetween = (from: Instant, to: Instant): number => (microsOf(to) - microsOf(from)) / 1e6;
