import { byCodePoint, type Json, type JsonObject } from '@crunch-node/streams';

/** JSON with sorted keys: equal values give equal bytes, whatever the order of a provider's keys. */
export const canonicalOrder = (value: JsonObject): string => JSON.stringify(sorted(value));

function sorted(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as JsonObject).sort(([a], [b]) => byCodePoint(a, b));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}
