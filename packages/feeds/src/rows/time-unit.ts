/** How a source writes time. */
export type TimeUnit = 's' | 'ms' | 'us' | 'ns' | 'iso';

export const timeUnits: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns', 'iso'];

const PER_MILLI: Readonly<Record<Exclude<TimeUnit, 's' | 'iso'>, number>> = { ms: 1, us: 1e3, ns: 1e6 };

/** Whole epoch milliseconds, rounded down; NaN when it is no time. A `Date` is one in every unit. */
export function millisFrom(value: unknown, unit: TimeUnit): number {
  if (value instanceof Date) return value.getTime();
  if (unit === 'iso') return typeof value === 'string' ? Date.parse(withZone(value.trim())) : Number.NaN;
  // Nanoseconds of today have more digits than a double.
  if (unit === 'ns' && typeof value !== 'number' && /^\d{1,20}$/.test(String(value))) {
    return Number(BigInt(String(value)) / 1_000_000n);
  }
  const isNumeric = typeof value === 'number' || typeof value === 'bigint' || isNumericText(value);
  const number = isNumeric ? Number(value) : Number.NaN;
  // Through microseconds: 1.001 s times a thousand is a little less than 1001 ms.
  return Math.floor(unit === 's' ? Math.round(number * 1e6) / 1e3 : number / PER_MILLI[unit]);
}

export const isNumericText = (value: unknown): value is string =>
  typeof value === 'string' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value.trim());

/** A time without a zone is UTC, never local. */
const withZone = (text: string): string => (/[T ]\d\d:\d\d[\d:.]*$/.test(text) ? `${text.replace(' ', 'T')}Z` : text);
