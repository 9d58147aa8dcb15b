/** Numbers and times as people read them. */

const cache = new Map<number, Intl.NumberFormat>();
const fixed = (digits: number): Intl.NumberFormat => {
  let format = cache.get(digits);
  if (format === undefined) {
    format = new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
    cache.set(digits, format);
  }
  return format;
};

/** `decimal-4` → 4 */
export const digitsOf = (format: string | null | undefined): number =>
  Number(/^decimal-(\d+)$/.exec(format ?? '')?.[1] ?? 4);

/** With so many digits; an en dash where there is none. Very small and very large ones keep their size. */
export function number(value: unknown, digits = 4): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 10 ** -(digits + 1))) return value.toExponential(2);
  return fixed(digits).format(value);
}

export const count = (value: number): string => fixed(0).format(value);

/** Timestamps of the API: with a zone, or without one in fields of charts, which are UTC too. */
export const millis = (time: string): number => Date.parse(/(Z|[+-]\d\d:\d\d)$/.test(time) ? time : `${time}Z`);

/** `2024-01-01 01:12` in UTC, with seconds where they matter. */
export function utc(time: string | number | null | undefined, withSeconds = false): string {
  if (time === null || time === undefined) return '–';
  const at = typeof time === 'number' ? time : millis(time);
  if (Number.isNaN(at)) return '–';
  const text = new Date(at).toISOString();
  const hasSeconds = withSeconds || !text.includes(':00.000Z');
  return text.slice(0, hasSeconds ? 19 : 16).replace('T', ' ');
}

const UNITS = [
  [86_400 * 365, ' year', ' years'],
  [86_400, ' day', ' days'],
  [3_600, ' h', ' h'],
  [60, ' min', ' min'],
  [1, ' s', ' s'],
] as const;

/** `3 min`, `2 days` */
export function duration(seconds: number): string {
  for (const [size, one, several] of UNITS) {
    const amount = Math.floor(Math.abs(seconds) / size);
    if (amount >= 1) return `${amount}${amount === 1 ? one : several}`;
  }
  return '0 s';
}

export const ago = (seconds: number): string => (seconds < 1 ? 'just now' : `${duration(seconds)} ago`);

export const percent = (value: number, digits = 1): string => `${fixed(digits).format(value)} %`;

export const bytes = (value: number): string =>
  value >= 1e6 ? `${fixed(1).format(value / 1e6)} MB` : `${fixed(1).format(value / 1e3)} kB`;

/** `score_recent` → `Score recent` */
export const titled = (name: string): string => {
  const words = name.replaceAll('_', ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};
