import type { Json } from '@crunch-node/streams';

const SIZE_LIMIT = 2_000;
const DEPTH_LIMIT = 16;
/** Longest reason, in characters: texts of participants' code can have any length. */
export const REASON_LIMIT = 500;

/**
 * A refused prediction as it is kept for inspection: non-finite numbers and what is too deep as text, no NUL, cut when
 * it is long.
 */
export function refusedOutputOf(raw: Json): Json {
  const kept = keepable(raw, 0);
  const text = JSON.stringify(kept);
  return text.length <= SIZE_LIMIT ? kept : shortened(text, SIZE_LIMIT);
}

/** Text of a peer, storable and at most `limit` characters long. */
export const shortened = (text: string, limit: number): string => {
  const plain = clean(text);
  return plain.length <= limit ? plain : `${plain.slice(0, limit).toWellFormed()}… (${text.length} characters)`;
};

function keepable(value: Json, depth: number): Json {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'string') return clean(value);
  if (value === null || typeof value !== 'object') return value;
  if (depth >= DEPTH_LIMIT) return '…';
  if (Array.isArray(value)) return value.map((inner) => keepable(inner, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [clean(key), keepable(inner, depth + 1)]));
}

const clean = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\ufffd');
