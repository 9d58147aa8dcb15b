import type { Column } from '../columns.ts';
import type { RowOf, Table } from '../define-table.ts';
import { storable } from '../stored.ts';

/** Characters that the text format of `COPY … from stdin` escapes. */
const SPECIAL = /[\\\n\r\t]/;
const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

const escaped = (text: string): string =>
  SPECIAL.test(text) ? text.replaceAll(/[\\\n\r\t]/g, (c) => ESCAPED[c] as string) : text;

type Encode = (value: never) => string;

function encoderOf({ type }: Column): Encode {
  switch (type) {
    case 'text':
    case 'numeric':
      return (value: string) => escaped(storable(value));
    case 'json':
      return (value: unknown) => escaped(JSON.stringify(value));
    case 'boolean':
      return (value: boolean) => (value ? 't' : 'f');
    case 'timestamptz':
    case 'bigint':
    case 'integer':
    case 'double precision':
      return String;
  }
}

/** Rows of a table as lines of `COPY`'s text format, each with its line feed. */
export function lineOf<T extends Table>(table: T): (row: RowOf<T>) => string {
  const columns = Object.entries(table.columns).map(([name, column]) => ({ name, encode: encoderOf(column) }));
  return (row) => {
    let line = '';
    for (let i = 0; i < columns.length; i++) {
      const { name, encode } = columns[i]!;
      const value = (row as Readonly<Record<string, unknown>>)[name];
      if (i > 0) line += '\t';
      line += value === null || value === undefined ? '\\N' : encode(value as never);
    }
    return `${line}\n`;
  };
}
