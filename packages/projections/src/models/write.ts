import { type QueryExecutorProvider, sql } from 'kysely';
import { foldRows } from '../gather-rows.ts';
import { chunksOf, columnList, selectRows, writeRows } from '../write-rows.ts';
import { type ModelRow, type ModelStateRow, modelStates, models } from './tables.ts';

const KEPT = ['joined_at', 'left_at', 'failed_at'] as const;

/** The newest state of each model, with the last time it joined, left and failed, however long ago. */
export async function writeModels(
  db: QueryExecutorProvider,
  schema: string,
  rows: { readonly models: readonly ModelRow[]; readonly model_states: readonly ModelStateRow[] },
): Promise<number> {
  await writeRows(db, schema, models, rows.models);
  const replaced = Object.keys(modelStates.columns).filter((name) => name !== 'model_id');
  const newest = sql.join(
    replaced.map((name) => {
      const excluded = sql.ref(`excluded.${name}`);
      const isKept = (KEPT as readonly string[]).includes(name);
      return sql`${sql.ref(name)} = ${isKept ? sql`coalesce(${excluded}, ${sql.ref(`known.${name}`)})` : excluded}`;
    }),
  );
  for (const some of chunksOf(foldRows(modelStates, rows.model_states, foldStates))) {
    await sql`insert into ${sql.id(schema, modelStates.name)} as known (${columnList(modelStates)})
      ${selectRows(modelStates, some)} on conflict (model_id) do update set ${newest}`.execute(db);
  }
  return rows.models.length + rows.model_states.length;
}

/** The newest state, with the last time each of it happened. */
export function foldStates(known: ModelStateRow, row: ModelStateRow): ModelStateRow {
  const joined_at = row.joined_at ?? known.joined_at;
  const left_at = row.left_at ?? known.left_at;
  const failed_at = row.failed_at ?? known.failed_at;
  const isSame = joined_at === row.joined_at && left_at === row.left_at && failed_at === row.failed_at;
  return isSame ? row : { ...row, joined_at, left_at, failed_at };
}
