import { createHash } from 'node:crypto';

/** A row of the primary key's index has 2,704 bytes for all of its columns. */
const MOST_BYTES = 2_000;
const BEGINNING = 200;

/**
 * The ordinal as its column keeps it. Logs of old hold some that no index takes: of them the beginning, and a hash of the
 * whole, which keeps two that begin alike apart. `record_id` has all of it.
 */
export function keptOrdinal(ordinal: string): string {
  if (ordinal.length * 3 <= MOST_BYTES || Buffer.byteLength(ordinal) <= MOST_BYTES) return ordinal;
  const hash = createHash('sha256').update(ordinal, 'utf16le').digest('hex');
  return `${ordinal.slice(0, BEGINNING).toWellFormed()}…sha256:${hash}`;
}
