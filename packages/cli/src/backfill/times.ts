import { type Instant, instantOfMillis } from '@crunch-node/streams';
import { InvalidArgumentError } from 'commander';

const TIME = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2})?Z?$/;

/** A day or a time, UTC. @throws {InvalidArgumentError} */
export function time(text: string): Instant {
  const [, day, clock = 'T00:00:00'] = TIME.exec(text.trim()) ?? [];
  const millis = Date.parse(`${day}${clock}Z`);
  // 31 February would otherwise be 2 March.
  if (day === undefined || Number.isNaN(millis) || !new Date(millis).toISOString().startsWith(`${day}${clock}`)) {
    throw new InvalidArgumentError('expected a time (UTC) such as 2024-01-31 or 2024-01-31T12:00:00Z');
  }
  return instantOfMillis(millis);
}

/** Separated by commas, blanks dropped. */
export const names = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
