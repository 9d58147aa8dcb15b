/**
 * Bytes of the tables of a data folder that no process uses, by table, with its long values and each index:
 * `scripts/bench table-bytes <data folder>`, after `scripts/demo --once --days 0.1 --port 0 --data-dir <data folder>`.
 * Per prediction of models, ensembles not counted. The log and Postgres' own log are not counted. The last line is JSON.
 */
import { join, resolve } from 'node:path';
import { startPostgres } from '@crunch-node/embedded';
import { openReadModel } from '@crunch-node/projections';
import { sql } from 'kysely';
import { rounded } from './support/statistics.ts';
import { tableOf } from './support/table.ts';

interface Size {
  readonly name: string;
  /** exact */
  rows: number;
  /** of the table itself, its long values (TOAST) and all its indexes */
  readonly heap: number;
  readonly toast: number;
  readonly indexes: number;
  /** bytes and scans since its creation, by name of the index */
  readonly by_index: Readonly<Record<string, { readonly bytes: number; readonly scans: number }>> | null;
}

const [folder, schema = 'crunch'] = process.argv.slice(2);
if (folder === undefined) throw new Error('expected table-bytes <data folder> [schema], received no folder');

const postgres = await startPostgres({ dataDir: join(resolve(folder), 'postgres') });
const readModel = openReadModel({ url: postgres.url, schema });
try {
  const { db } = readModel;
  const { rows: sizes } = await sql<Size>`
    select relation.relname as name, 0 as rows, pg_relation_size(relation.oid)::integer as heap,
      coalesce(pg_total_relation_size(nullif(relation.reltoastrelid, 0)), 0)::integer as toast,
      pg_indexes_size(relation.oid)::integer as indexes,
      (select json_object_agg(indexrelname, json_build_object('bytes', pg_relation_size(indexrelid), 'scans', idx_scan))
        from pg_stat_user_indexes where relid = relation.oid) as by_index
    from pg_class as relation join pg_namespace as space on space.oid = relation.relnamespace
    where space.nspname = ${schema} and relation.relkind = 'r' order by pg_total_relation_size(relation.oid) desc`.execute(
    db,
  );
  for (const size of sizes) {
    const counted = await sql<{ n: number }>`select count(*) as n from ${sql.id(schema, size.name)}`.execute(db);
    size.rows = Number(counted.rows[0]?.n);
  }
  const predictions = sizes.find(({ name }) => name === 'predictions')?.rows ?? 0;
  if (predictions === 0) throw new Error(`expected predictions in ${schema} of ${folder}, found none`);
  const total = ({ heap, toast, indexes }: Size): number => heap + toast + indexes;
  const table = tableOf(['table', 'rows', 'heap', 'toast', 'indexes', 'bytes a row', 'bytes a prediction']);
  for (const size of sizes) {
    const { name, rows, heap, toast, indexes, by_index } = size;
    const aRow = rows === 0 ? 0 : total(size) / rows;
    table.push([name, ...[rows, heap, toast, indexes, rounded(aRow), rounded(total(size) / predictions)].map(String)]);
    for (const [index, { bytes, scans }] of Object.entries(by_index ?? {}))
      table.push([`  ${index}`, '', '', '', String(bytes), `${scans} scans`, String(rounded(bytes / predictions))]);
  }
  console.log(table.toString());
  const bytes = sizes.reduce((sum, size) => sum + total(size), 0);
  console.log(`${bytes} bytes, ${rounded(bytes / predictions)} a prediction`);
  console.log(
    JSON.stringify({ bench: 'table-bytes', predictions, bytes, per_prediction: rounded(bytes / predictions), sizes }),
  );
} finally {
  await readModel.close();
  await postgres.stop();
}
