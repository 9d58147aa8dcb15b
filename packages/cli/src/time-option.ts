import type { Instant } from '@crunch-node/streams';
import { instantOfText } from '@crunch-node/streams/time-text';
import { InvalidArgumentError } from 'commander';

/** `2024-01-31`, `2024-01-31T12:00`, with or without a zone; none is UTC. @throws {InvalidArgumentError} */
export function instant(text: string): Instant {
  const read = instantOfText(text.trim());
  if (read !== null) return read;
  throw new InvalidArgumentError(`expected a time such as 2024-01-31 or 2024-01-31T12:00:00Z, received ${text}`);
}
