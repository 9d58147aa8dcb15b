/** What Postgres has against a query, with the names there are. */
import { nearestOf } from '@crunch-node/domain';
import { CrunchError } from '@crunch-node/streams/errors';

/** A query that Postgres refuses. */
export class QueryRefused extends CrunchError {
  override readonly name = 'QueryRefused';
  override readonly code = 'query_refused';
}

/** A column, and where it is. */
export interface KnownColumn {
  readonly table_name: string;
  readonly column_name: string;
}

interface ServerFault {
  readonly code: string;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
}

const UNDEFINED_COLUMN = '42703';
const UNDEFINED_TABLE = '42P01';

/** Errors of the server have a code of five characters; others are no fault of the query. */
export const isServerFault = (error: unknown): error is ServerFault =>
  error instanceof Error && /^[0-9A-Z]{5}$/.test(String((error as { code?: unknown }).code));

export const isUnknownName = ({ code }: ServerFault): boolean => code === UNDEFINED_COLUMN || code === UNDEFINED_TABLE;

/** The server's message and its hint; for an unknown name the nearest ones, and the columns of the tables in the query. */
export function queryFaultText(fault: ServerFault, query: string, columns: readonly KnownColumn[]): string {
  const lines = [fault.message];
  if (fault.detail) lines.push(`  ${fault.detail}`);
  if (fault.hint) lines.push(`  ${fault.hint}`);
  const name = unknownName(fault.message);
  if (name === null || !isUnknownName(fault)) return lines.join('\n');
  const tables = [...new Set(columns.map(({ table_name }) => table_name))];
  if (fault.code === UNDEFINED_TABLE) {
    const nearest = nearestOf(name, tables);
    if (nearest !== null) lines.push(`  did you mean the table ${nearest}?`);
    lines.push(`  tables: ${tables.join(', ') || 'none yet'}`);
    return lines.join('\n');
  }
  const words = new Set(query.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []);
  const used = columns.filter(({ table_name }) => words.has(table_name));
  const nearest = nearestOf(name, new Set(used.map(({ column_name }) => column_name)));
  if (nearest !== null && !fault.hint?.includes(nearest)) lines.push(`  did you mean the column ${nearest}?`);
  for (const table of new Set(used.map(({ table_name }) => table_name))) {
    const names = used.filter(({ table_name }) => table_name === table).map(({ column_name }) => column_name);
    lines.push(`  columns of ${table}: ${names.join(', ')}`);
  }
  return lines.join('\n');
}

/** Messages of Postgres begin with what is missing; a name may have the alias or the schema it was looked for in. */
function unknownName(message: string): string | null {
  const [, quoted, plain] =
    /(?:column|relation) (?:"([^"]+)"|(\S+)) (?:of relation|does not exist)/.exec(message) ?? [];
  const name = quoted ?? plain;
  return name === undefined ? null : (name.split('.').at(-1) ?? name);
}
