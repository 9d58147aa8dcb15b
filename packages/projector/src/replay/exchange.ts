import { setTimeout as delay } from 'node:timers/promises';
import type { Projection } from '@crunch-node/projections';
import {
  beginExchange,
  type Dependent,
  type Exchange,
  exchangeTables,
  existing,
  type Generation,
  holdersOf,
  listGenerations,
  lockReaders,
  nextSchemaOf,
  previousSchemaOf,
  shiftRecords,
} from '@crunch-node/projections/generations';
import { Backoff } from '@crunch-node/streams/backoff';
import type { QueryExecutorProvider } from 'kysely';
import { holdPositions, insertPosition, listPositions, takePositions } from '../position/position.ts';
import { isLockedOut, SwitchBlocked } from './faults.ts';
import type { ReplayRun } from './replay-run.ts';

const PAUSE_MIN_MS = 50;
const PAUSE_MAX_MS = 2_000;
const PATIENCE_MS = 10 * 60_000;

export interface ExchangeOptions {
  readonly from: 'next' | 'previous';
  /** how long the outgoing generation is kept; null: until it is dropped manually */
  readonly keepSeconds: number | null;
  /** default 10 minutes */
  readonly patienceMs?: number;
  /** called before each attempt */
  readonly before?: () => Promise<void>;
  /** called while writers are blocked, before readers are. @returns false to release the locks and try again */
  readonly ready?: (trx: QueryExecutorProvider) => Promise<boolean>;
}

/**
 * Exchanges tables and positions of projections in one transaction: before it every reader sees the one generation,
 * after it the other, and writers find their position moved. Readers wait for milliseconds; when they hold the tables
 * for longer, the exchange gives way, and tries again.
 * @returns views of other owners that could not be changed to the new tables
 * @throws {SwitchBlocked}
 */
export async function exchange(
  run: ReplayRun,
  projections: readonly Projection[],
  options: ExchangeOptions,
): Promise<readonly Dependent[]> {
  const { session, schema, signal, report, reached } = run;
  const { patienceMs = PATIENCE_MS, ready } = options;
  const startedAt = performance.now();
  const pauses = new Backoff({ firstMs: PAUSE_MIN_MS, longestMs: PAUSE_MAX_MS, factor: 1.5 });
  for (;;) {
    signal.throwIfAborted();
    let holders: readonly string[] = [];
    await options.before?.();
    report({ phase: 'switching', detail: '' });
    try {
      const left = await session.db.transaction().execute(async (trx) => {
        await beginExchange(trx, schema);
        await holdPositions(trx, schema);
        if (ready && !(await ready(trx))) return null;
        return exchangeOnce(run, trx, projections, options);
      });
      if (left !== null) {
        await reached('committed');
        return left;
      }
    } catch (error) {
      if (!isLockedOut(error)) throw error;
      holders = await holdersOf(session.db, schema);
      if (performance.now() - startedAt > patienceMs) throw new SwitchBlocked(holders, patienceMs);
    }
    report({ phase: 'switching', detail: holders.length > 0 ? `waiting for ${holders.join(', ')}` : 'waiting' });
    await delay(pauses.nextMs(), undefined, { signal });
  }
}

async function exchangeOnce(
  { schema, reached }: ReplayRun,
  trx: QueryExecutorProvider,
  projections: readonly Projection[],
  { from, keepSeconds }: ExchangeOptions,
): Promise<readonly Dependent[]> {
  const known = await listGenerations(trx, schema);
  const exchanges: Exchange[] = [];
  for (const projection of projections) exchanges.push(await exchangeOf(trx, schema, known, projection, from));
  await reached('exchanging');
  const dependents = await lockReaders(trx, schema, exchanges);

  const names = projections.map(({ name }) => name);
  const versions = new Map((await listPositions(trx, schema)).map((at) => [at.projection, at.version]));
  const previous = previousSchemaOf(schema);
  const outgoing = await takePositions(trx, schema, names);
  const incoming = await takePositions(trx, from === 'next' ? nextSchemaOf(schema) : previous, names);
  if (from === 'next') await takePositions(trx, previous, names);
  for (const position of outgoing) await insertPosition(trx, previous, position);
  for (const position of incoming) await insertPosition(trx, schema, position);
  for (const { projection, outgoing: tables } of exchanges) {
    const version = versions.get(projection) ?? 0;
    await shiftRecords(trx, schema, projection, from, { version, tables, keepSeconds });
  }
  const left = await exchangeTables(trx, schema, from, exchanges, dependents);
  await reached('exchanged, not committed');
  return left;
}

async function exchangeOf(
  trx: QueryExecutorProvider,
  schema: string,
  known: readonly Generation[],
  { name, tables }: Projection,
  from: 'next' | 'previous',
): Promise<Exchange> {
  const record = (wanted: Generation['slot']) =>
    known.find(({ projection, slot }) => projection === name && slot === wanted)?.tables ?? [];
  const ours = Object.values(tables).map((table) => table.name);
  return {
    projection: name,
    outgoing: await existing(trx, schema, [...new Set([...ours, ...record('current')])]),
    incoming: record(from),
    obsolete: from === 'next' ? record('previous') : [],
  };
}
