import type { Event } from './define.ts';

/** Compares by Unicode code point, the log's canonical order (JavaScript's `<` compares UTF-16 units). */
export function byCodePoint(a: string, b: string): number {
  if (a === b) return 0;
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // Surrogates have to sort above every other unit, since they form the highest code points.
    const xs = x >= 0xd800 && x <= 0xdfff;
    const ys = y >= 0xd800 && y <= 0xdfff;
    if (xs !== ys) return xs ? 1 : -1;
    return x - y;
  }
  return a.length - b.length;
}

/** `(performed_at, scope_key, model_id, id)` by code point; a missing field counts as empty. */
export function canonicalOrder(a: Event, b: Event): number {
  return (
    byCodePoint(field(a, 'performed_at'), field(b, 'performed_at')) ||
    byCodePoint(field(a, 'scope_key'), field(b, 'scope_key')) ||
    byCodePoint(field(a, 'model_id'), field(b, 'model_id')) ||
    byCodePoint(a.id, b.id)
  );
}

function field(event: Event, name: string): string {
  const value = (event.data as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}
