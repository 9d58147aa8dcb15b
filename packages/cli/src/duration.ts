import { InvalidArgumentError } from 'commander';

export const DAY_SECONDS = 86_400;
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: DAY_SECONDS };

/** `90s`, `30m`, `12h`, `7d`, `0`; null is for ever. */
export function keepSeconds(text: string): number | null {
  if (text === 'forever') return null;
  if (text === '0') return 0;
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  const unit = UNIT_SECONDS[match?.[2] ?? ''];
  if (match === null || unit === undefined)
    throw new InvalidArgumentError(`expected 90s, 30m, 12h, 7d, 0 or forever, received ${text}`);
  return Number(match[1]) * unit;
}

/** `90s`, `10m`, `12h`, `7d` in milliseconds. */
export function since(text: string): number {
  const seconds = text === 'forever' ? null : keepSeconds(text);
  if (seconds === null) throw new InvalidArgumentError(`expected 90s, 10m, 12h or 7d, received ${text}`);
  return seconds * 1000;
}
