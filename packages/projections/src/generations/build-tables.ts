import { type Kysely, type QueryExecutorProvider, sql } from 'kysely';
import type { Database } from '../database.ts';
import type { Projection } from '../define-projection.ts';
import type { RowOf, RowsOf, Table, Tables } from '../define-table.ts';
import { columnNames, columnsOf, createIndexes, createTable } from '../read-model/create.ts';
import { keyOf } from '../stored.ts';
import type { OneConnection } from './connection.ts';
import { type CopyText, copyLines, copyText } from './copy-lines.ts';
import { lineOf } from './copy-text.ts';
import { KeyFilter } from './key-filter.ts';

const KEYS_PER_FETCH = 20_000;
const INDEX_MEMORY = '128MB';

const againOf = ({ name }: Table): string => `${name}__again`;
const copiedTables = ({ rebuild, tables }: Projection): readonly Table[] =>
  rebuild.copied.map((name) => tables[name] as Table);

/** Empty tables: those that are copied into have no index and no key yet. */
export async function createBuildTables(
  db: QueryExecutorProvider,
  schema: string,
  projection: Projection,
): Promise<void> {
  for (const [name, table] of Object.entries<Table>(projection.tables)) {
    if (!projection.rebuild.copied.includes(name)) await createTable(db, schema, table);
    else {
      const columns = columnsOf(table);
      await sql`create table ${sql.id(schema, table.name)} (${columns})`.execute(db);
      await sql`create table ${sql.id(schema, againOf(table))} (n bigserial primary key, ${columns})`.execute(db);
    }
  }
}

/** Rows on their way into build tables: the copied ones as the text `COPY` takes, the others one per key. */
export interface BulkRows {
  readonly copied: readonly { readonly lines: CopyText; readonly again: CopyText }[];
  readonly folded: RowsOf<Tables>;
  readonly count: number;
}

export interface BulkWriter {
  /** Puts rows together in the order of the log. */
  gather(): { add(rows: RowsOf<Tables>): void; rows(): BulkRows };
  write(db: QueryExecutorProvider, rows: BulkRows): Promise<number>;
}

/**
 * Writes rows by `COPY`, inside the transaction `connection` is in. A row whose key may be a repetition goes into a
 * second table, in order, and is resolved once there is a primary key: so the rows equal those written with
 * `on conflict`, in whatever batches, and memory does not grow with them. Rows that were gathered and not written, since
 * Postgres went away, are gathered again: their keys then count as possible repetitions.
 */
export async function bulkWriter(
  connection: OneConnection,
  schema: string,
  projection: Projection,
): Promise<BulkWriter> {
  const filter = new KeyFilter();
  const copies = projection.rebuild.copied.map((name, index) => {
    const table = projection.tables[name] as Table;
    return { name, index, table, line: lineOf(table), key: keyOf(table) };
  });
  for (const { table, index, key } of copies)
    await eachKey(connection.db, schema, table, (row) => filter.add(index, key(row)));
  return {
    gather() {
      const copied = copies.map(() => ({ lines: copyText(), again: copyText() }));
      const folded = projection.rebuild.gather();
      let count = 0;
      return {
        add(rows) {
          for (const { name, index, line, key } of copies) {
            const { lines, again } = copied[index]!;
            for (const row of rows[name] ?? []) {
              (filter.add(index, key(row)) ? lines : again).add(line(row));
              count++;
            }
          }
          folded.add(rows);
        },
        rows: () => ({ copied, folded: folded.rows(), count }),
      };
    },
    async write(db, { copied, folded, count }) {
      for (const { index, table } of copies) {
        const { lines, again } = copied[index]!;
        await copyLines(connection.client(), targetOf(schema, table.name, table), lines);
        await copyLines(connection.client(), targetOf(schema, againOf(table), table), again);
      }
      return count + (await projection.rebuild.fold(db, schema, folded));
    },
  };
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const targetOf = (schema: string, name: string, table: Table): string =>
  `${quoted(schema)}.${quoted(name)} (${Object.keys(table.columns).map(quoted).join(', ')})`;

/** The keys that an earlier process copied. */
async function eachKey(
  db: Kysely<Database>,
  schema: string,
  table: Table,
  take: (row: RowOf<Table>) => void,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`declare build_keys no scroll cursor for
      select ${columnNames(table.key)} from ${sql.id(schema, table.name)}`.execute(trx);
    for (;;) {
      const { rows } = await sql<RowOf<Table>>`fetch ${sql.lit(KEYS_PER_FETCH)} from build_keys`.execute(trx);
      for (const row of rows) take(row);
      if (rows.length < KEYS_PER_FETCH) break;
    }
  });
}

/** Gives a copied table its key and indexes, and resolves repeated keys. Whole or not at all, and only once. */
async function completeTable(db: Kysely<Database>, schema: string, table: Table): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const again = sql.id(schema, againOf(table));
    const left = await sql<{ left: boolean }>`
      select to_regclass(${`"${schema}"."${againOf(table)}"`}) is not null as left`.execute(trx);
    if (!left.rows[0]?.left) return;
    await sql`set local maintenance_work_mem = ${sql.lit(INDEX_MEMORY)}`.execute(trx);
    await sql`alter table ${sql.id(schema, table.name)} add primary key (${columnNames(table.key)})`.execute(trx);
    const names = columnNames(Object.keys(table.columns));
    await sql`insert into ${sql.id(schema, table.name)} (${names}) select ${names} from ${again} order by n
      on conflict do nothing`.execute(trx);
    await sql`drop table ${again}`.execute(trx);
    await createIndexes(trx, schema, table);
  });
}

/**
 * Adds keys, indexes and derived rows; afterwards the tables are written like any others.
 * @param whenDone in the transaction that completes it
 */
export async function completeBuild(
  db: Kysely<Database>,
  schema: string,
  projection: Projection,
  whenDone: (trx: QueryExecutorProvider) => Promise<void>,
): Promise<void> {
  for (const table of copiedTables(projection)) await completeTable(db, schema, table);
  await db.transaction().execute(async (trx) => {
    await projection.rebuild.derive(trx, schema);
    await whenDone(trx);
  });
  // Without statistics the first readers would get plans for empty tables.
  for (const table of Object.values<Table>(projection.tables))
    await sql`vacuum (analyze) ${sql.id(schema, table.name)}`.execute(db);
}
