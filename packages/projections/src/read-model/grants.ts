import { type QueryExecutorProvider, sql } from 'kysely';

export interface Grant {
  /** quoted, or `public` */
  readonly grantee: string;
  readonly privilege: string;
  readonly grantable: boolean;
}

/** Permissions of other roles than the owner on a table or view. */
export async function grantsOn(db: QueryExecutorProvider, schema: string, name: string): Promise<readonly Grant[]> {
  const { rows } = await sql<Grant>`
    select case acl.grantee when 0 then 'public' else acl.grantee::regrole::text end as grantee,
      acl.privilege_type as privilege, acl.is_grantable as grantable
    from pg_class as relation join pg_namespace as space on space.oid = relation.relnamespace,
      aclexplode(relation.relacl) as acl
    where space.nspname = ${schema} and relation.relname = ${name} and acl.grantee <> relation.relowner`.execute(db);
  return rows;
}

export async function grant(
  db: QueryExecutorProvider,
  schema: string,
  name: string,
  grants: readonly Grant[],
): Promise<void> {
  for (const { grantee, privilege, grantable } of grants) {
    const option = sql.raw(grantable ? ' with grant option' : '');
    await sql`grant ${sql.raw(privilege)} on ${sql.id(schema, name)} to ${sql.raw(grantee)}${option}`.execute(db);
  }
}
