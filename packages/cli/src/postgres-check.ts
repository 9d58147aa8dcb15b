import { createClient, isBehindPooler, misconfigurationOf, whyReadOnly } from '@crunch-node/postgres';
import { projectWriting } from '@crunch-node/project';
import { openReadModel, type ReadModel, type ReadModelOptions } from '@crunch-node/projections';
import { projectionsNamed } from '@crunch-node/projector';
import { customRoutesReading, reportReading } from '@crunch-node/report';
import type { Namespace } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';

/** A replay holds a claim, switches on one connection and builds on another. */
const OF_A_REPLAY = 3;
const PATIENCE_MS = 5_000;

/**
 * Connects as each service does, and checks what each needs.
 * @returns what was found, for people
 * @throws naming the service, the fault and what to change
 */
export async function checkPostgres(databaseUrl: string, namespace: Namespace): Promise<string> {
  const where = { databaseUrl, namespace };
  const { version, isPooled } = await as('a connection', () => lookAt(databaseUrl));
  const count = projectionsNamed(undefined).length;
  await as('report', () => using(reportReading(where), ({ db }) => sql`select 1`.execute(db)));
  await as('custom routes', () => using(customRoutesReading(where), ({ db }) => sql`select 1`.execute(db)));
  await as('project', () => using(projectWriting(where, count), (model) => assertWritable(model)));
  await as('replay', () => using({ ...projectWriting(where, OF_A_REPLAY) }, ({ db }) => assertLends(db, OF_A_REPLAY)));
  if (!isPooled) return `${version} at DATABASE_URL`;
  const wanted = count + OF_A_REPLAY;
  const lent = await using(projectWriting(where, wanted), ({ db }) => lends(db, wanted));
  const few = `, which lends ${lent} transactions at once: ${wanted} are wanted when everything writes (default_pool_size)`;
  return `${version} at DATABASE_URL, through a pooler${lent < wanted ? few : ''}`;
}

async function as<T>(who: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const remedy = misconfigurationOf(error);
    const text = (error as Error).message || String((error as { code?: string }).code);
    throw new Error(`${who}: ${text}${remedy === undefined ? '' : `: ${remedy}`}`, { cause: error });
  }
}

async function lookAt(databaseUrl: string): Promise<{ readonly version: string; readonly isPooled: boolean }> {
  const client = createClient(databaseUrl, { applicationName: 'crunch-node doctor', connectTimeoutMs: PATIENCE_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    return { version: rows[0]?.server_version ?? '', isPooled: await isBehindPooler(client) };
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function using<T>(options: ReadModelOptions, work: (model: ReadModel) => Promise<T>): Promise<T> {
  const model = openReadModel(options);
  try {
    return await work(model);
  } finally {
    await model.close();
  }
}

async function assertWritable({ db, schema }: ReadModel): Promise<void> {
  const { rows } = await db.transaction().execute((trx) =>
    sql<{ readOnly: boolean; may: boolean }>`select current_setting('transaction_read_only') = 'on' as "readOnly",
      coalesce(has_schema_privilege(to_regnamespace(${`"${schema}"`})::oid, 'CREATE'),
        has_database_privilege(current_database(), 'CREATE')) as may`.execute(trx),
  );
  const [found] = rows;
  if (found?.readOnly) throw await whyReadOnly(db, new Error('read-only'));
  if (!found?.may)
    throw new Error(`expected the user to be allowed to create tables in the schema ${schema}, it is not`);
}

async function assertLends(db: Kysely<never> | ReadModel['db'], wanted: number): Promise<void> {
  const lent = await lends(db as ReadModel['db'], wanted);
  if (lent < wanted)
    throw new Error(
      `expected ${wanted} transactions at once, there are ${lent}: raise default_pool_size of the pooler`,
    );
}

/** How many of so many transactions can be open at the same time. */
async function lends(db: ReadModel['db'], wanted: number): Promise<number> {
  let open = 0;
  let letGo = (): void => undefined;
  const over = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const timer = setTimeout(letGo, PATIENCE_MS);
  const all = Array.from({ length: wanted }, () =>
    db.transaction().execute(async (trx) => {
      await sql`select 1`.execute(trx);
      if (++open === wanted) letGo();
      await over;
    }),
  );
  try {
    await Promise.race([over, ...all.map((one) => one.then(() => over))]);
    const lent = open;
    letGo();
    await Promise.all(all);
    return lent;
  } finally {
    clearTimeout(timer);
    letGo();
  }
}
