import type { Json } from '@crunch-node/streams';

const BARE = { NaN: Number.NaN, Infinity: Number.POSITIVE_INFINITY, '-Infinity': Number.NEGATIVE_INFINITY } as const;
type BareToken = keyof typeof BARE;

// a string literal, skipped as a whole, or one of the bare tokens outside of strings
const STRING_OR_BARE = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|-?\bInfinity\b|\bNaN\b/g;

/**
 * Parses JSON text as Python peers write it: the bare tokens `NaN`, `Infinity` and `-Infinity` become the non-finite
 * numbers, which no output schema accepts and which must not be stored ({@link finiteOrText}).
 *
 * @throws {SyntaxError} when it is no JSON even so
 */
export function parseTolerantJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (!text.includes('NaN') && !text.includes('Infinity')) throw error;
  }
  let mark = '\u0000';
  while (text.includes(JSON.stringify(mark).slice(1, -1))) mark += '\u0000';
  const marked = text.replace(STRING_OR_BARE, (token) =>
    token.startsWith('"') ? token : JSON.stringify(`${mark}${token}`),
  );
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(mark) ? BARE[value.slice(mark.length) as BareToken] : value,
  ) as Json;
}

/** The same value with non-finite numbers as the texts `NaN`, `Infinity`, `-Infinity`, so that it can be stored. */
export function finiteOrText(value: Json): Json {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(finiteOrText);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, finiteOrText(inner)]));
}

/**
 * JSON text as Python's encoder writes it: a space after `:` and `,`, everything but ASCII as `\uXXXX`, non-finite
 * numbers as bare tokens. The local model host responds in this form, so that tests meet what real peers send.
 *
 * @throws {TypeError} for what has no JSON form
 */
export function pythonJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value).replace(
        /[\u007f-\uffff]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
    case 'number':
      return Number.isFinite(value) ? JSON.stringify(value) : String(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'object':
      break;
    default:
      throw new TypeError(`expected a value with a JSON form, received a ${typeof value}`);
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  const entries = Object.entries(value as Record<string, unknown>).filter(([, inner]) => inner !== undefined);
  return `{${entries.map(([key, inner]) => `${pythonJson(key)}: ${pythonJson(inner)}`).join(', ')}}`;
}
