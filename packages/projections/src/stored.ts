import type { RowOf, Table } from './define-table.ts';

/**
 * A text as Postgres stores it: without NUL and unpaired surrogates. Two texts that are equal in Postgres are equal
 * here, which keys depend on.
 */
export function storable(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  return whole.includes('\0') ? whole.replaceAll('\0', '\uFFFD') : whole;
}

/** The primary key of a row as one text; of a row read back from Postgres the same as of the one written. */
export function keyOf<T extends Table>({ key }: T): (row: RowOf<T>) => string {
  return (row) => {
    let text = '';
    for (const name of key) {
      const value = (row as Readonly<Record<string, unknown>>)[name];
      text += `${typeof value === 'string' ? storable(value) : String(value)}\0`; // which no text has
    }
    return text;
  };
}
