import { type QueryExecutorProvider, sql } from 'kysely';
import { storable } from '../stored.ts';
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
      const said = sql.ref(`excluded.${name}`);
      const isKept = (KEPT as readonly string[]).includes(name);
      return sql`${sql.ref(name)} = ${isKept ? sql`coalesce(${said}, ${sql.ref(`known.${name}`)})` : said}`;
    }),
  );
  for (const some of chunksOf(foldStates(rows.model_states))) {
    await sql`insert into ${sql.id(schema, modelStates.name)} as known (${columnList(modelStates)})
      ${selectRows(modelStates, some)} on conflict (model_id) do update set ${newest}`.execute(db);
  }
  return rows.models.length + rows.model_states.length;
}

/** One row per model, as the rows would leave it one after the other. */
function foldStates(rows: readonly ModelStateRow[]): ModelStateRow[] {
  const states = new Map<string, ModelStateRow>();
  for (const row of rows) {
    const key = storable(row.model_id);
    const known = states.get(key);
    states.set(key, {
      ...row,
      joined_at: row.joined_at ?? known?.joined_at ?? null,
      left_at: row.left_at ?? known?.left_at ?? null,
      failed_at: row.failed_at ?? known?.failed_at ?? null,
    });
  }
  return [...states.values()];
}
