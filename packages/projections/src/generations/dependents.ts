import { type QueryExecutorProvider, sql } from 'kysely';
import { replaceView } from '../read-model/replace-view.ts';
import { viewsOf, viewsSchemaOf } from '../read-model/views.ts';

/** A view that reads tables. It is bound to the tables themselves, not to their names. */
export interface Dependent {
  readonly schema: string;
  readonly name: string;
  /** `v`: view, `m`: materialized */
  readonly kind: 'v' | 'm';
  readonly definition: string;
}

/** Views that read one of these tables, our own and others, with their definitions while the tables have their names. */
export async function dependentsOf(
  db: QueryExecutorProvider,
  schema: string,
  tables: readonly string[],
): Promise<readonly Dependent[]> {
  // Names in definitions are then complete, whatever the search path of the connection.
  await sql`set local search_path = pg_catalog`.execute(db);
  const { rows } = await sql<Dependent>`
    select distinct view_schema.nspname as schema, view.relname as name, view.relkind as kind,
      pg_get_viewdef(view.oid) as definition
    from pg_depend as dependency
    join pg_rewrite as rule on rule.oid = dependency.objid and dependency.classid = 'pg_rewrite'::regclass
    join pg_class as view on view.oid = rule.ev_class and view.relkind in ('v', 'm')
    join pg_namespace as view_schema on view_schema.oid = view.relnamespace
    join pg_class as read on read.oid = dependency.refobjid and dependency.refclassid = 'pg_class'::regclass
    join pg_namespace as read_schema on read_schema.oid = read.relnamespace
    where read_schema.nspname = ${schema} and read.relname = any(${tables})
    order by 1, 2`.execute(db);
  return rows;
}

/**
 * Makes views read the tables that bear the names now. Ours get the text of this release.
 * @returns those that could not be changed and still read the former tables
 */
export async function rebind(
  db: QueryExecutorProvider,
  schema: string,
  dependents: readonly Dependent[],
): Promise<readonly Dependent[]> {
  const own = viewsOf(schema);
  const left: Dependent[] = [];
  for (const view of dependents) {
    const text = view.schema === viewsSchemaOf(schema) ? own[view.name] : undefined;
    const again = async () => {
      await sql`create or replace view ${sql.id(view.schema, view.name)} as ${sql.raw(view.definition)}`.execute(db);
    };
    const isDone =
      view.kind === 'v' &&
      ((text !== undefined && (await attempt(db, () => replaceView(db, view.schema, view.name, text)))) ||
        (await attempt(db, again)));
    if (!isDone) left.push(view);
  }
  return left;
}

async function attempt(db: QueryExecutorProvider, act: () => Promise<unknown>): Promise<boolean> {
  await sql`savepoint rebinding`.execute(db);
  try {
    await act();
    await sql`release savepoint rebinding`.execute(db);
    return true;
  } catch (error) {
    // Errors of locks or the connection concern all views; others concern this one.
    if (!/^(?!55P03|57|40|08)\w{5}$/.test((error as { code?: string }).code ?? '')) throw error;
    await sql`rollback to savepoint rebinding`.execute(db);
    return false;
  }
}
