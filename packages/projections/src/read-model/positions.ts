import { type Expression, type Kysely, sql } from 'kysely';
import { allProjections } from '../all-projections.ts';
import type { Database } from '../database.ts';

/** How far a projection has got: its rows are those of the stream up to and including `sequence`. */
export interface AppliedPosition {
  readonly projection: string;
  readonly version: number;
  readonly stream: string;
  /** identity of the stream: a recreated one has another */
  readonly created: string;
  /** of the last message in the rows; 0: none yet */
  readonly sequence: number;
  /** `at` of the last event in the rows; null before the first */
  readonly event_at: string | null;
  /** writer → end of the last cycle it has closed: what it publishes of that cycle from then on is ignored */
  readonly closings: Readonly<Record<string, string>>;
  /** of the position's row: it changes when other tables take the place of these, at whatever sequence */
  readonly row_version: string;
  /** which tables the read model has: it changes with {@link row_version} when others take their place, and not when rows move */
  readonly tables: string;
}

/** By name of the projection. Without an entry, it has never begun. */
export type AppliedPositions = ReadonlyMap<string, AppliedPosition>;
/** The table, or its newest column, is made by the first projection to begin. */
const NOT_YET = new Set(['42P01', '42703', '3F000']);

/**
 * Reads the positions of all projections, in one statement and so as of one moment. Rows and position move in one
 * transaction: a later query shows at least what the positions promise.
 * @returns the same object as before while nothing has moved, so that it can be the key of a cache
 */
export function positionsReader(db: Kysely<Database>): () => Promise<AppliedPositions> {
  const query = db
    .selectFrom('positions')
    .select(({ ref }) =>
      sql<string | null>`json_agg(json_build_object('projection', ${ref('projection')}, 'version', ${ref('version')},
        'stream', ${ref('stream')}, 'created', ${ref('created')}, 'sequence', ${ref('sequence')},
        'event_at', ${ref('event_at')}, 'closings', ${ref('closings')}, 'row_version', xmin::text,
        'tables', (${tablesBeside(ref('positions.tableoid' as 'positions.sequence'))})))::text`.as('text'),
    )
    .compile();
  let known: { text: string; positions: AppliedPositions } = { text: '', positions: new Map() };
  return async () => {
    const text = await textOf(db, query);
    if (text !== known.text) known = { text, positions: parsed(text) };
    return known.positions;
  };
}

/** A generation that is exchanged keeps its tables, which are others than those before it. */
const tablesBeside = (positions: Expression<unknown>) => sql<string>`select sum(beside.oid::bigint)::text
  from pg_class beside join pg_class own using (relnamespace) where own.oid = ${positions} and beside.relkind = 'r'`;

async function textOf(db: Kysely<Database>, query: Parameters<typeof db.executeQuery>[0]): Promise<string> {
  try {
    const { rows } = await db.executeQuery<{ text: string | null }>(query as never);
    return rows[0]?.text ?? '';
  } catch (error) {
    if (NOT_YET.has((error as { code?: string }).code ?? '')) return '';
    throw error;
  }
}

const parsed = (text: string): AppliedPositions =>
  new Map(
    (text === '' ? [] : (JSON.parse(text) as AppliedPosition[])).map((position) => [position.projection, position]),
  );

/** Projection → name of the stream it reads. */
export const streamOfProjection: ReadonlyMap<string, string> = new Map(
  allProjections({ configIdOf: () => '' }).map(({ name, stream }) => [name, stream.name]),
);
