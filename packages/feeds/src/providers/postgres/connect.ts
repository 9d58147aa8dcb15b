import { type ConnectionOptions, createPool, inReadOnlyTransaction } from '@crunch-node/postgres';
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

export const connectionOptions = ({ statementTimeoutMs }: TableSettings): ConnectionOptions => ({
  applicationName: 'crunch-node feed',
  connectTimeoutMs: 10_000,
  queryTimeoutMs: statementTimeoutMs + 5_000,
  types,
});

/** Connects when first used; idle connections do not keep the process alive. */
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
