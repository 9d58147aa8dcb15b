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

/** `3 min`, `1 h 59 min`, `2 days 3 h`: the unit after it too where that is more than a small part. */
export function duration(seconds: number): string {
  const whole = Math.floor(Math.abs(seconds));
  const at = UNITS.findIndex(([size]) => whole >= size);
  const found = UNITS[at];
  if (found === undefined) return '0 s';
  const next = UNITS[at + 1];
  const [size] = found;
  const rest = next === undefined || size <= 60 ? 0 : Math.floor((whole % size) / next[0]);
  const first = inUnit(Math.floor(whole / size), found);
  return next === undefined || rest === 0 ? first : `${first} ${inUnit(rest, next)}`;
}

const inUnit = (amount: number, [, one, several]: (typeof UNITS)[number]): string =>
  `${amount}${amount === 1 ? one : several}`;

export const ago = (seconds: number): string => (seconds < 1 ? 'just now' : `${duration(seconds)} ago`);

export const percent = (value: number, digits = 1): string => `${fixed(digits).format(value)} %`;

export function bytes(value: number): string {
  if (value < 1e3) return `${count(value)} B`;
  const [size, unit] = value >= 1e9 ? [1e9, 'GB'] : value >= 1e6 ? [1e6, 'MB'] : [1e3, 'kB'];
  return `${fixed(1).format(value / size)} ${unit}`;
}

/** `score_recent` → `Score recent` */
export const titled = (name: string): string => {
  const words = name.replaceAll('_', ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};
