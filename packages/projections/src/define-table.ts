import type { Column, ValueOf } from './columns.ts';

export type Columns = Readonly<Record<string, Column>>;

export interface Table<C extends Columns = Columns> {
  readonly name: string;
  readonly columns: C;
  /** primary key, which also is the order of the digest */
  readonly key: readonly string[];
  /**
   * Columns with observations or a log sequence: two runs over the same inputs differ in them, so the digest that
   * compares runs leaves them out.
   */
  readonly observed: readonly string[];
  readonly indexes: readonly (readonly string[])[];
  /** `append`: the first row of a key stays. `replace`: the last one wins. */
  readonly write: 'append' | 'replace';
}

export type Tables = Readonly<Record<string, Table>>;

/** The row type follows from the columns. */
export type RowOf<T extends Table> = { readonly [N in keyof T['columns']]: ValueOf<T['columns'][N]> };

export function defineTable<const C extends Columns>(
  name: string,
  {
    columns,
    key,
    observed = [],
    indexes = [],
    write = 'append',
  }: {
    readonly columns: C;
    readonly key: readonly (keyof C & string)[];
    readonly observed?: readonly (keyof C & string)[];
    readonly indexes?: readonly (readonly (keyof C & string)[])[];
    readonly write?: 'append' | 'replace';
  },
): Table<C> {
  return { name, columns, key, observed, indexes, write };
}

/** Rows by table, in the order in which the tables are written. */
export type RowsOf<T extends Tables> = { readonly [N in keyof T]: readonly RowOf<T[N]>[] };
