import { openReadModel, type ReadModel } from '@crunch-node/projections';
import { sql } from 'kysely';
import { withDeployment } from '../deployment.ts';
import { table } from '../show/text.ts';
import { isServerFault, isUnknownName, type KnownColumn, QueryRefused, queryFaultText } from '../sql-fault.ts';

export interface SqlOptions {
  readonly json?: boolean;
  readonly dataDir: string;
}

const STATEMENT_TIMEOUT_MS = 60_000;

/** Prints the address of Postgres, or the result of one read-only statement. */
export const runSql = (query: string | undefined, { json, dataDir }: SqlOptions) =>
  withDeployment(dataDir, async ({ screen, closers, namespace, databaseUrl }) => {
    const url = await databaseUrl();
    if (query === undefined) {
      const { schema } = namespace;
      const facts = { url, schema, views: `views_${schema}` };
      if (json) return screen.result(JSON.stringify(facts));
      return screen.result(
        [
          url,
          `  psql '${url}' -c 'set search_path = views_${schema}, ${schema}' -c '\\d'`,
          `  crunch-node sql 'select * from leaderboard_entries order by cycle_end desc, rank limit 10'`,
          `  A private Postgres listens while up or cluster runs in ${dataDir}; the address changes with each start`,
        ].join('\n'),
      );
    }
    const model = openReadModel({
      url,
      schema: namespace.schema,
      readOnly: true,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      applicationName: 'crunch-node sql',
      connections: 1,
    });
    closers.push('database connection', () => model.close());
    const { rows } = await answerOf(query, model);
    if (json) return screen.result(JSON.stringify(rows));
    const names = Object.keys(rows[0] ?? {});
    screen.result(
      rows.length === 0
        ? '  no rows'
        : table(
            names.map((title) => ({ title })),
            rows.map((row) => names.map((name) => textOf(row[name]))),
          ),
    );
  });

/** @throws {QueryRefused} with what Postgres has against it, and the names there are */
async function answerOf(query: string, { db, schema }: ReadModel): Promise<{ rows: Record<string, unknown>[] }> {
  try {
    return await sql<Record<string, unknown>>`${sql.raw(query)}`.execute(db);
  } catch (error) {
    if (!isServerFault(error)) throw error;
    const columns = isUnknownName(error) ? await columnsOf(db, schema).catch(() => []) : [];
    throw new QueryRefused(queryFaultText(error, query, columns), { cause: error });
  }
}

/** Of the tables and of the views for people who know the Python system. */
async function columnsOf(db: ReadModel['db'], schema: string): Promise<readonly KnownColumn[]> {
  const { rows } = await sql<KnownColumn>`
    select table_name, column_name from information_schema.columns
    where table_schema in (${schema}, ${`views_${schema}`}) order by table_name, ordinal_position`.execute(db);
  return rows;
}

const textOf = (value: unknown): string => {
  if (value === null || value === undefined) return '–';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};
