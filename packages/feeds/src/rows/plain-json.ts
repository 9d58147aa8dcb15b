import type { Json } from '@crunch-node/streams';

const MAX_DEPTH = 64;

/**
 * A driver's value in JSON: dates as ISO texts, bytes as base64, integers beyond 2^53 as texts, other objects of a class
 * by `special` or their own text. Undefined is left out. A number that is not finite stays, so that it is refused.
 */
export function plainJson(
  value: unknown,
  special: (value: object) => Json | undefined = () => undefined,
): Json | undefined {
  return plain(value, special, 0);
}

function plain(value: unknown, special: (value: object) => Json | undefined, depth: number): Json | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (typeof value !== 'object') return undefined;
  if (depth > MAX_DEPTH) return 'nested too deeply';
  const own = special(value);
  if (own !== undefined) return own;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (Array.isArray(value)) return value.map((part) => plain(part, special, depth + 1) ?? null);
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) => {
      const converted = plain(part, special, depth + 1);
      return converted === undefined ? [] : [[name, converted]];
    }),
  );
}
