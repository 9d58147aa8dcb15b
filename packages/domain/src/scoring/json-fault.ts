import { putOwn } from '../lent.ts';

/** Largest prediction of a model, counted in characters of its keys and texts and 8 for each value. */
export const MAX_OUTPUT_SIZE = 65_536;
export const MAX_OUTPUT_DEPTH = 32;
/** Ground truth comes from the operator's own code and may hold a window of candles. */
export const MAX_GROUND_TRUTH_SIZE = 1_000_000;

/** JSON writes them as `{}` and loses their content. */
const NOT_KEPT: ReadonlySet<string> = new Set(['Map', 'Set', 'Promise']);
/** JSON writes the value they wrap. */
const BOXED: ReadonlySet<string> = new Set(['Number', 'String', 'Boolean', 'BigInt']);

const kindOf = (part: object): string =>
  Array.isArray(part) || Object.getPrototypeOf(part) === Object.prototype
    ? 'Object'
    : Object.prototype.toString.call(part).slice(8, -1);

/**
 * A value as it is stored, for {@link faultOfJson} to judge: copies of its lists and objects, in which a
 * `toJSON` was followed, getters were read once, and a place of a list that has nothing is null. Hashes are taken of
 * this form. What is beyond the limits is left as it is.
 */
export function storedForm(value: unknown, maxSize = MAX_OUTPUT_SIZE): unknown {
  let objects = 0;
  const copy = (part: unknown, key: string, depth: number): unknown => {
    if (typeof part !== 'object' || part === null) return part;
    objects += 1;
    if (depth > MAX_OUTPUT_DEPTH || objects * 8 > maxSize) return part;
    if ('toJSON' in part && typeof part.toJSON === 'function') return copy(part.toJSON(key), key, depth + 1);
    if (Array.isArray(part)) return Array.from(part, (item, i) => copy(item ?? null, String(i), depth + 1));
    const kind = kindOf(part);
    if (NOT_KEPT.has(kind)) return part;
    if (BOXED.has(kind)) return part.valueOf();
    const made: Record<string, unknown> = {};
    for (const name of Object.keys(part)) {
      const member = (part as Record<string, unknown>)[name];
      putOwn(made, name, typeof member === 'object' && member !== null ? copy(member, name, depth + 1) : member);
    }
    return made;
  };
  return copy(value, '', 0);
}

/**
 * Why a value cannot be kept as JSON, or null when it can: a number that is not finite, too large, too deep. Walks
 * without recursion, since the value may be hostile.
 */
export function faultOfJson(value: unknown, maxSize = MAX_OUTPUT_SIZE): string | null {
  if (isSoundRecord(value, maxSize)) return null;
  const open: { part: unknown; path: string; depth: number }[] = [{ part: value, path: '', depth: 0 }];
  let size = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { part, path, depth } = next;
    size += typeof part === 'string' ? part.length : 8;
    if (size > maxSize) return `expected a size of at most ${maxSize}, received more`;
    if (typeof part === 'number' && !Number.isFinite(part))
      return `${path || 'value'}: expected a finite number, received ${part}`;
    if (typeof part === 'bigint' || typeof part === 'function' || typeof part === 'symbol')
      return `${path || 'value'}: expected a JSON value, received a ${typeof part}`;
    if (typeof part === 'string' && !isStorable(part)) return `${path || 'value'}: expected Unicode text without NUL`;
    if (typeof part !== 'object' || part === null) continue;
    const kind = kindOf(part);
    if (NOT_KEPT.has(kind)) return `${path || 'value'}: expected a JSON value, received a ${kind}`;
    if (depth >= MAX_OUTPUT_DEPTH) return `expected at most ${MAX_OUTPUT_DEPTH} levels, received more`;
    for (const [key, child] of Object.entries(part)) {
      if (!isStorable(key)) return `${path || 'value'}: expected keys of Unicode text without NUL`;
      size += key.length;
      open.push({ part: child, path: path === '' ? key : `${path}.${key}`.slice(0, 120), depth: depth + 1 });
    }
  }
  return null;
}

/** Whether it is a plain object of numbers, texts and truth values alone, without a fault: nearly all answers are. */
function isSoundRecord(value: unknown, maxSize: number): boolean {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false;
  let size = 8;
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key];
    if (typeof member === 'number') {
      if (!Number.isFinite(member)) return false;
      size += 8;
    } else if (typeof member === 'string') {
      if (!isStorable(member)) return false;
      size += member.length;
    } else if (typeof member === 'boolean' || member === null) size += 8;
    else return false;
    if (!isStorable(key)) return false;
    size += key.length;
  }
  return size <= maxSize;
}

/** Databases keep no NUL, JSON in UTF-8 no half of a surrogate pair. */
const isStorable = (text: string): boolean => text.isWellFormed() && !text.includes('\u0000');
