import { type ConnectionOptions, createPool, inReadOnlyTransaction } from '@crunch-node/postgres';
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

export const connectionOptions = ({ statementTimeoutMs }: TableSettings): ConnectionOptions => ({
  applicationName: 'crunch-node feed',
  connectTimeoutMs: 10_000,
  queryTimeoutMs: statementTimeoutMs + 5_000,
  types,
});

/** Connects when it is first used; connections nobody uses do not keep the process. */
export const openPool = (settings: TableSettings): pg.Pool =>
  createPool(settings.address, {
    ...connectionOptions(settings),
    max: 4,
    idleTimeoutMs: 10_000,
    allowExitOnIdle: true,
  });

/** In a transaction that cannot write, in UTC, whose statements end. */
export const asking = <T>(
  pool: pg.Pool,
  { statementTimeoutMs }: TableSettings,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> =>
  inReadOnlyTransaction(pool, { local: { statement_timeout: String(statementTimeoutMs), timezone: "'UTC'" } }, work);
