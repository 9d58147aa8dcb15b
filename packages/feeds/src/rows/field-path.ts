/** Where a value is inside a document, part by part. */
export type FieldPath = readonly string[];

/** Characters a query language could take for its own. */
const FORBIDDEN = /[${}\s\0]/;

/**
 * Of a dotted path (`quote.price`, `data.0.t`) or, beginning with a slash, a JSON pointer (`/quote/last price`).
 * Null: it is none.
 */
export function fieldPath(text: string): FieldPath | null {
  if (text.startsWith('/')) {
    return text
      .slice(1)
      .split('/')
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return isDottedPath(text) ? text.split('.') : null;
}

/** Whether it is a dotted path without `$`, braces, white space or NUL, and without empty parts. */
export const isDottedPath = (text: string): boolean =>
  !FORBIDDEN.test(text) && text.split('.').every((part) => part !== '');

/** Own properties only: a document cannot reach into the language. */
export function valueAt(document: unknown, path: FieldPath): unknown {
  let value = document;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** A name in `values` and where it comes from. */
export interface ValueField {
  readonly name: string;
  readonly path: FieldPath;
}

/** Of `open,high,last=quote.price`: a name alone is its own path. Null when a part is neither. */
export function valueFields(text: string): readonly ValueField[] | null {
  const fields = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const at = part.indexOf('=');
      const name = (at < 0 ? part : part.slice(0, at)).trim();
      const path = fieldPath(at < 0 ? part : part.slice(at + 1).trim());
      return path === null || name === '' ? null : { name, path };
    });
  return fields.length === 0 || fields.includes(null) ? null : (fields as ValueField[]);
}
