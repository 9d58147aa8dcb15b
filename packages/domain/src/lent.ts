/** Copies for operators' functions, which may sort or extend their inputs. */

/** Lists and plain objects at every level; an object of another class is shared. */
export function copyOf<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf) as T;
  if (!isPlain(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) putOwn(copy, key, copyOf((value as Record<string, unknown>)[key]));
  return copy as T;
}

/**
 * The same value for one call after another. All calls share a copy, so that a function can cache by identity; after a
 * call that changed it the next one gets a fresh copy. Comparing costs less than copying.
 */
export function lent<T>(original: T): () => T {
  const kept = copyOf(original);
  let copy: T = copyOf(kept);
  return () => {
    if (!isSame(kept, copy)) copy = copyOf(kept);
    return copy;
  };
}

/** Whatever the key: a plain assignment would take `__proto__` for something else. */
export function putOwn<T>(record: Record<string, T>, key: string, value: T): void {
  if (key !== '__proto__') record[key] = value;
  else Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Object.is(a, b);
  if (Array.isArray(a)) return Array.isArray(b) && areSameLists(a, b);
  if (!isPlain(a)) return a === b;
  if (!isPlain(b)) return false;
  // What is added is found at its own place: the order of keys is compared too, since a scorer may depend on it.
  const names = Object.getOwnPropertyNames(b);
  let i = 0;
  for (const key in a) {
    if (key !== names[i++]) return false;
    const one = (a as Record<string, unknown>)[key];
    const other = (b as Record<string, unknown>)[key];
    if (one !== other || one === 0) if (!isSame(one, other)) return false;
  }
  return i === names.length && Object.getOwnPropertySymbols(b).length === 0;
}

function areSameLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length || Object.keys(b).length !== a.length) return false;
  for (let i = 0; i < a.length; i++) if (!isSame(a[i], b[i])) return false;
  return true;
}
