import type { RowOf, RowsOf, Table, Tables } from './define-table.ts';
import { keyOf } from './stored.ts';

/** Rows of one stretch of a stream after the other, to be written at once. */
export interface GatheredRows<T extends Tables = Tables> {
  add(rows: RowsOf<T>): void;
  /** in the order they came; of folded tables one per key, with the same result as writing all of them */
  rows(): RowsOf<T>;
}

/** The row two rows of one key leave, written one after the other. Cut anywhere: (a, b), c is a, (b, c). */
export type Fold<R> = (earlier: R, later: R) => R;

export type Folds<T extends Tables> = { readonly [N in keyof T]?: Fold<RowOf<T[N]>> };

interface Gathering {
  readonly name: string;
  add(rows: readonly RowOf<Table>[]): void;
  rows(): readonly RowOf<Table>[];
}

export function gatherRows<T extends Tables>(tables: T, folds: Folds<T>): GatheredRows<T> {
  const gathered = Object.entries<Table>(tables).map(([name, table]) => {
    const fold = folds[name] as Fold<RowOf<Table>> | undefined;
    return fold === undefined ? allRows(name) : rowPerKey(name, table, fold);
  });
  return {
    add(more) {
      for (const table of gathered) table.add(more[table.name] ?? []);
    },
    rows: () => Object.fromEntries(gathered.map((table) => [table.name, table.rows()])) as unknown as RowsOf<T>,
  };
}

function allRows(name: string): Gathering {
  const rows: RowOf<Table>[] = [];
  return {
    name,
    add(more) {
      for (const row of more) rows.push(row);
    },
    rows: () => rows,
  };
}

/** One row per key. Replaced rows are short-lived garbage, which is cheap to collect. */
function rowPerKey(name: string, table: Table, fold: Fold<RowOf<Table>>): Gathering {
  const rows = new Map<string, RowOf<Table>>();
  const key = keyOf(table);
  return {
    name,
    add(more) {
      for (const row of more) {
        const text = key(row);
        const known = rows.get(text);
        rows.set(text, known === undefined ? row : fold(known, row));
      }
    },
    rows: () => [...rows.values()],
  };
}

/** One row per key, as the rows would leave it one after the other. */
export function foldRows<T extends Table>(
  table: T,
  rows: readonly RowOf<T>[],
  fold: Fold<RowOf<T>>,
): readonly RowOf<T>[] {
  const gathered = rowPerKey(table.name, table, fold as Fold<RowOf<Table>>);
  gathered.add(rows as readonly RowOf<Table>[]);
  return gathered.rows() as readonly RowOf<T>[];
}

/** The later row takes the place of the earlier one. */
export const replaced = <R>(_: R, later: R): R => later;
