import { type Instant, instantOfMillis } from '@crunch-node/streams';
import { InvalidArgumentError } from 'commander';

const ISO = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** `2024-01-31`, `2024-01-31T12:00`, with or without a zone; none is UTC. */
export function instant(text: string): Instant {
  const withZone = /[T ]/.test(text) && !/(Z|[+-]\d{2}:\d{2})$/.test(text) ? `${text}Z` : text;
  const millis = Date.parse(withZone.replace(' ', 'T'));
  if (!ISO.test(text) || Number.isNaN(millis)) {
    throw new InvalidArgumentError(`expected a time such as 2024-01-31 or 2024-01-31T12:00:00Z, received ${text}`);
  }
  return instantOfMillis(millis);
}
