import { readTimeText } from '@crunch-node/streams';

export type EpochUnit = 's' | 'ms' | 'us' | 'ns';
/** How a source writes time. `auto`: each value by its type and its magnitude. */
export type TimeUnit = 'auto' | EpochUnit | 'iso';

export const epochUnits: readonly EpochUnit[] = ['s', 'ms', 'us', 'ns'];
/** The default first. */
export const timeUnits: readonly [TimeUnit, ...TimeUnit[]] = ['auto', ...epochUnits, 'iso'];

/** The times a feed may hold, epoch seconds: from 1990-01-01 up to where they have more than ten digits (2286-11-20). */
export const TIME_RANGE = { firstSeconds: 631_152_000, endSeconds: 10_000_000_000 } as const;
export const FIRST_TIME_MS = TIME_RANGE.firstSeconds * 1000;
export const LAST_TIME_MS = TIME_RANGE.endSeconds * 1000 - 1;

/** The form a value was read in. */
export type TimeForm = EpochUnit | 'iso' | 'date';
/** Whole epoch milliseconds, rounded down; or what was expected and received, for a person. */
export type TimeRead = { readonly ms: number; readonly form: TimeForm } | { readonly fault: string };

export const PER_SECOND: Readonly<Record<EpochUnit, number>> = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 };
export const unitNames: Readonly<Record<EpochUnit | 'iso', string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  iso: 'ISO 8601 text',
};

/**
 * The one reader of times in rows of a feed. The ranges that 1990 to 2286 has in seconds, milliseconds, microseconds and
 * nanoseconds do not overlap, so with `auto` the unit follows from each value, also in a file that changes it in the
 * middle. A `Date` is a time in every unit; a text must be digits or strict ISO 8601.
 */
export function readTime(value: unknown, unit: TimeUnit): TimeRead {
  if (value instanceof Date) return inRange(value.getTime(), 'date', value, unit);
  if (typeof value === 'number' || typeof value === 'bigint') return readNumber(value, value, unit);
  if (typeof value !== 'string') return { fault: faultText(value, unit) };
  const text = value.trim();
  if (isNumericText(text))
    return readNumber(text.length > 15 && DIGITS.test(text) ? BigInt(text) : Number(text), value, unit);
  const read = unit === 'auto' || unit === 'iso' ? readTimeText(text) : null;
  return read === null ? { fault: faultText(value, unit) } : inRange(read.millis, 'iso', value, unit);
}

const DIGITS = /^\d{1,30}$/;

function readNumber(number: number | bigint, value: unknown, unit: TimeUnit): TimeRead {
  const found = unitOf(number);
  if (found === null || (unit !== 'auto' && unit !== found)) return { fault: faultText(value, unit) };
  return inRange(millisIn(number, found), found, value, unit);
}

/** The unit in which a number is a time of a feed; null when there is none. */
export function unitOf(number: number | bigint): EpochUnit | null {
  const { firstSeconds, endSeconds } = TIME_RANGE;
  return (
    epochUnits.find((unit) => number >= firstSeconds * PER_SECOND[unit] && number < endSeconds * PER_SECOND[unit]) ??
    null
  );
}

function millisIn(number: number | bigint, unit: EpochUnit): number {
  // Nanoseconds of today have more digits than a double.
  if (typeof number === 'bigint') {
    return unit === 's' ? Number(number) * 1000 : Number(number / BigInt(PER_SECOND[unit] / 1e3));
  }
  // Through microseconds: 1.001 s times a thousand is a little less than 1001 ms.
  if (unit === 's') return Math.floor(Math.round(number * 1e6) / 1e3);
  return Math.floor(unit === 'ns' ? Math.round(number / 1e3) / 1e3 : number / (PER_SECOND[unit] / 1e3));
}

function inRange(ms: number, form: TimeForm, value: unknown, unit: TimeUnit): TimeRead {
  return ms >= FIRST_TIME_MS && ms <= LAST_TIME_MS ? { ms, form } : { fault: faultText(value, unit) };
}

/** For people: the expectation, the value, and what it looks like. */
function faultText(value: unknown, unit: TimeUnit): string {
  const form = unit === 'auto' ? '' : unit === 'iso' ? 'as ISO 8601 text ' : `in ${unitNames[unit]} `;
  const expected = `expected a time ${form}from 1990-01-01 to 2286-11-20`;
  const look = unit === 'auto' ? null : looksLike(value);
  return `${expected}, received ${shown(value)}${look === null || look === unit ? '' : `, which looks like ${unitNames[look]}`}`;
}

function looksLike(value: unknown): EpochUnit | 'iso' | null {
  const read = readTime(value, 'auto');
  return 'fault' in read || read.form === 'date' ? null : read.form;
}

function shown(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'nothing';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid date' : value.toISOString();
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : JSON.stringify(typeof value);
}

export const isNumericText = (value: unknown): value is string =>
  typeof value === 'string' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value.trim());
