import pg from 'pg';
import type { TableSettings } from './settings.ts';

const [INT8, NUMERIC] = [20, 1700];
const TEXT_TIMES = new Set([1082, 1114, 1184, 1083, 1186, 1266]);

/** Numbers where nothing is lost by it, times as Postgres writes them. */
const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    if (oid === NUMERIC) return (text: string) => Number(text);
    if (oid === INT8) return (text: string) => (Number.isSafeInteger(Number(text)) ? Number(text) : text);
    if (TEXT_TIMES.has(oid)) return (text: string) => text;
    return pg.types.getTypeParser(oid, format);
  },
} as pg.CustomTypesConfig;

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
