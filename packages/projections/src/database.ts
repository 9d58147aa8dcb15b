import type { ListedProjection } from './all-projections.ts';
import type { RowOf, Table } from './define-table.ts';
import type { PositionsTable } from './read-model/positions-table.ts';

type NamesOf<P> = P extends { readonly tables: infer T } ? keyof T & string : never;
type TableOf<P, N> = P extends { readonly tables: infer T } ? (N extends keyof T ? T[N] : never) : never;
type RowsOfTable<T> = T extends Table ? RowOf<T> : never;

type ListedTables = { [N in NamesOf<ListedProjection>]: RowsOfTable<TableOf<ListedProjection, N>> };

/** The tables of the read model as Kysely sees them: those of every listed projection, and their positions. */
export interface Database extends ListedTables {
  positions: PositionsTable;
}
