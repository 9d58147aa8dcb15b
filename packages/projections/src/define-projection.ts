import type { StreamDefinition, StreamEvent } from '@crunch-node/streams';
import type { QueryExecutorProvider } from 'kysely';
import { type AppliedEvent, type ClosedCycles, type Placed, type PublishedBy, place } from './closings.ts';
import type { RowsOf, Table, Tables } from './define-table.ts';
import { type Folds, type GatheredRows, gatherRows } from './gather-rows.ts';
import { writeRows } from './write-rows.ts';

/** A read model of one stream: `apply` is pure, `write` puts its rows into tables that have no other writer. */
export interface Projection<S extends StreamDefinition = StreamDefinition, T extends Tables = Tables> {
  readonly name: string;
  /** another version has other rows: the tables have to be rebuilt from the stream */
  readonly version: number;
  readonly stream: S;
  readonly tables: T;
  apply(
    batch: readonly AppliedEvent<StreamEvent<S>>[],
    closings: ClosedCycles,
  ): { readonly rows: RowsOf<T>; readonly closings: ClosedCycles };
  /** @returns how many rows were handed to Postgres */
  write(db: QueryExecutorProvider, schema: string, rows: RowsOf<T>): Promise<number>;
  readonly rebuild: Rebuild<T>;
}

/** How rows get into fresh tables in a rebuild. */
export interface Rebuild<T extends Tables = Tables> {
  /** Tables whose rows are copied as they come, before there is an index: repeated keys are resolved afterwards. */
  readonly copied: readonly (keyof T & string)[];
  /** Writes the rows of other tables, a large batch at a time: only the keys it touches. */
  fold(db: QueryExecutorProvider, schema: string, rows: RowsOf<T>): Promise<number>;
  /** Puts together the rows of those other tables, of many small batches. */
  gather(): GatheredRows<T>;
  /** Computes rows that are derived from the copied ones, once all of those are there. */
  derive(db: QueryExecutorProvider, schema: string): Promise<void>;
}

export interface ProjectionParts<S extends StreamDefinition, T extends Tables> {
  readonly name: string;
  readonly version: number;
  readonly stream: S;
  readonly tables: T;
  publishedBy(event: StreamEvent<S>): PublishedBy | null;
  /** Every reader ignores what was published after its writer had closed the cycle, unless the read model shows it. */
  readonly late?: 'ignored' | 'kept';
  /** Rows of one event. A switch over its type, without a default: a forgotten event does not compile. */
  rowsOf(recorded: Placed<StreamEvent<S>>): Partial<RowsOf<T>>;
  write?(db: QueryExecutorProvider, schema: string, rows: RowsOf<T>): Promise<number>;
  /** Needed with a `write` of one's own for `COPY` to be used; without it that `write` fills the tables of a rebuild, too. */
  readonly rebuild?: Partial<Omit<Rebuild<T>, 'gather'>>;
  /** Of tables where a row changes the one with its key: how rows become fewer before they are written. */
  readonly folds?: Folds<T>;
}

export function defineProjection<S extends StreamDefinition, const T extends Tables>(
  parts: ProjectionParts<S, T>,
): Projection<S, T> {
  const { name, version, stream, tables, late = 'ignored', publishedBy, rowsOf } = parts;
  const names = Object.keys(tables) as (keyof T & string)[];
  return {
    name,
    version,
    stream,
    tables,
    apply(batch, closings) {
      const collected = names.map((): unknown[] => []);
      const after = place(closings, batch, publishedBy, (recorded) => {
        if (recorded.late && late === 'ignored') return;
        const rows = rowsOf(recorded);
        for (let i = 0; i < names.length; i++) {
          const ofTable = rows[names[i]!];
          if (ofTable !== undefined) for (const row of ofTable) collected[i]!.push(row);
        }
      });
      const rows = Object.fromEntries(names.map((name, i) => [name, collected[i]]));
      return { rows: rows as unknown as RowsOf<T>, closings: after };
    },
    write: parts.write ?? ((db, schema, rows) => writeAll(db, schema, tables, rows)),
    rebuild: rebuildOf(parts),
  };
}

function rebuildOf<S extends StreamDefinition, T extends Tables>({
  tables,
  write,
  rebuild,
  folds = {},
}: ProjectionParts<S, T>): Rebuild<T> {
  const derive = async (): Promise<void> => undefined;
  const names = Object.keys(tables) as (keyof T & string)[];
  const ownWrite = write !== undefined && rebuild === undefined;
  const copied = rebuild?.copied ?? names.filter((name) => !ownWrite && tables[name]?.write === 'append');
  const others = Object.fromEntries(Object.entries(tables).filter(([name]) => !copied.includes(name))) as T;
  const fold: Rebuild<T>['fold'] = ownWrite ? write : (db, schema, rows) => writeAll(db, schema, others, rows);
  return { copied, fold, derive, gather: () => gatherRows(others, folds), ...rebuild };
}

async function writeAll<T extends Tables>(
  db: QueryExecutorProvider,
  schema: string,
  tables: T,
  rows: RowsOf<T>,
): Promise<number> {
  let written = 0;
  for (const [name, table] of Object.entries<Table>(tables)) {
    const tableRows = rows[name] ?? [];
    await writeRows(db, schema, table, tableRows);
    written += tableRows.length;
  }
  return written;
}
