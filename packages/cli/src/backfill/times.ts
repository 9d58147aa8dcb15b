import type { Instant } from '@crunch-node/streams';
import { instantOfText } from '@crunch-node/streams/time-text';
import { InvalidArgumentError } from 'commander';

/** A day or a time, UTC. @throws {InvalidArgumentError} */
export function time(text: string): Instant {
  const read = /[T ].*[+-]/.test(text.trim()) ? null : instantOfText(text.trim());
  if (read !== null) return read;
  throw new InvalidArgumentError('expected a time (UTC) such as 2024-01-31 or 2024-01-31T12:00:00Z');
}

/** Separated by commas, blanks dropped. */
export const names = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** A day, `2024-01-31`. @throws {InvalidArgumentError} */
export function day(text: string): string {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
  if (!isDay) throw new InvalidArgumentError('expected a day such as 2024-01-31.');
  return text;
}
