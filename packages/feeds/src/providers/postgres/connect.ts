import pg from 'pg';
import { jsonOf } from '../../json/index.ts';
import type { TableSettings } from './settings.ts';

const [INT8, NUMERIC, INT8_ARRAY, NUMERIC_ARRAY] = [20, 1700, 1016, 1231];
const JSON_TYPES = new Set([114, 3802]);
const JSON_ARRAYS = new Set([199, 3807]);
const TEXT_TIMES = new Set([1082, 1114, 1184, 1083, 1186, 1266]);

/** Numbers where nothing is lost by it, times as Postgres writes them. */
const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === NUMERIC || oid === INT8) return numberOf;
    if (oid === NUMERIC_ARRAY || oid === INT8_ARRAY) return listOf(numberOf);
    if (JSON_TYPES.has(oid)) return jsonOf;
    if (JSON_ARRAYS.has(oid)) return listOf(jsonOf);
    if (TEXT_TIMES.has(oid)) return (text: string) => text;
    return pg.types.getTypeParser(oid, format);
  },
} as pg.CustomTypesConfig;

/** An integer beyond 2^53 stays its digits. */
const numberOf = (text: string): number | string =>
  /^-?\d+$/.test(text) && !Number.isSafeInteger(Number(text)) ? text : Number(text);

const listOf = (parse: (text: string) => unknown) => (text: string) =>
  (pg.types as unknown as ArrayTypes).arrayParser.create(text, parse).parse();

/** What the types of `pg` leave out. */
interface ArrayTypes {
  readonly arrayParser: { create(text: string, parse: (entry: string) => unknown): { parse(): unknown } };
}

/** Of a session that cannot write, in UTC, whose statements end. */
export const clientOptions = ({ uri, statementTimeoutMs }: TableSettings): pg.ClientConfig => ({
  connectionString: uri,
  application_name: 'crunch-node feed',
  connectionTimeoutMillis: 10_000,
  statement_timeout: statementTimeoutMs,
  query_timeout: statementTimeoutMs + 5_000,
  keepAlive: true,
  options: '-c default_transaction_read_only=on -c timezone=UTC',
  types,
});

/** Connects when it is first used; connections nobody uses do not keep the process. */
export function openPool(settings: TableSettings): pg.Pool {
  const pool = new pg.Pool({ ...clientOptions(settings), max: 4, idleTimeoutMillis: 10_000, allowExitOnIdle: true });
  // A connection that breaks while idle is replaced; the next query says if that fails.
  pool.on('error', () => undefined);
  return pool;
}
