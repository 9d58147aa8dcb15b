import { createHash } from 'node:crypto';
import { canonicalJson } from '@crunch-node/domain';
import { type Kysely, type QueryExecutorProvider, sql } from 'kysely';
import { allTables } from './all-projections.ts';
import type { Database } from './database.ts';
import type { Table } from './define-table.ts';

export interface TableDigest {
  readonly table: string;
  readonly rows: number;
  readonly sha256: string;
}

export interface DigestOptions {
  /** includes columns with observations: two runs differ in them, a rebuild does not */
  readonly all: boolean;
  /** default every table of the read model */
  readonly tables?: readonly Table[];
}

const ROWS_PER_FETCH = 2_000;

/**
 * One SHA-256 per table: its rows in order of the primary key by code point, each the canonical JSON of its columns and
 * a line feed. All tables as of one moment, whatever is being written meanwhile; memory does not grow with the rows.
 */
export function digestTables(
  db: Kysely<Database>,
  schema: string,
  { all, tables = allTables }: DigestOptions,
): Promise<readonly TableDigest[]> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (trx) => {
      // Before the first look: the moment is then one at which these tables are the ones that are read, also when a
      // replay is about to put others in their place.
      const names = sql.join(tables.map(({ name }) => sql.id(schema, name)));
      await sql`lock table ${names} in access share mode`.execute(trx);
      const digests: TableDigest[] = [];
      for (const table of tables) digests.push(await digestOf(trx, schema, table, all));
      return digests;
    });
}

async function digestOf(trx: QueryExecutorProvider, schema: string, table: Table, all: boolean): Promise<TableDigest> {
  const columns = Object.keys(table.columns).filter((name) => all || !table.observed.includes(name));
  const list = (names: readonly string[]) => sql.join(names.map((name) => sql.id(name)));
  await sql`declare digest_rows no scroll cursor for
    select ${list(columns)} from ${sql.id(schema, table.name)} order by ${list(table.key)}`.execute(trx);
  const hash = createHash('sha256');
  let count = 0;
  for (;;) {
    const { rows } = await sql`fetch ${sql.lit(ROWS_PER_FETCH)} from digest_rows`.execute(trx);
    for (const row of rows) hash.update(`${canonicalJson(row)}\n`);
    count += rows.length;
    if (rows.length < ROWS_PER_FETCH) break;
  }
  await sql`close digest_rows`.execute(trx);
  return { table: table.name, rows: count, sha256: hash.digest('hex') };
}
