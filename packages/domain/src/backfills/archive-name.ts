import type { Json } from '@crunch-node/streams';

const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;
/** In bytes: the longest name of a folder, less room for prefixes and suffixes. */
const MAX_LENGTH = 128;

/** Names of feeds become folders, so they must not be hidden or lead elsewhere. Null for a valid name. */
export function faultOfArchiveName(value: Json | undefined): string | null {
  if (typeof value !== 'string') return `expected a text, received ${JSON.stringify(value)?.slice(0, 80) ?? 'nothing'}`;
  if (value.length > MAX_LENGTH) return `expected at most ${MAX_LENGTH} characters, received ${value.length}`;
  if (NAME.test(value)) return null;
  return `expected letters, digits, ".", "_" and "-" without a dot in front, received ${JSON.stringify(value)}`;
}

export const isArchiveName = (value: string): boolean => faultOfArchiveName(value) === null;
