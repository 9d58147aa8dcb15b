import { type FeedSettings, FIRST_TIME_MS, idText, LAST_TIME_MS, readTime } from '@crunch-node/domain';
import { misconfigurationOf } from '@crunch-node/postgres';
import type { FeedKey, Json } from '@crunch-node/streams';
import type { Pool } from 'pg';
import { type ProviderClock, systemProviderClock } from '../../clock.ts';
import { knownGranularities } from '../../granularity.ts';
import { type FeedReports, type LiveProvider, silent } from '../../provider.ts';
import {
  FeedUnusable,
  fetchPages,
  plainJson,
  pollPages,
  type ReadPage,
  type Row,
  rejectingOnce,
  rowOf,
  Times,
  tieSafePage,
  unlessAborted,
  Waker,
} from '../../rows/index.ts';
import { asking, openPool } from './connect.ts';
import { listenForNotifications } from './notifications.ts';
import { quoted, tableSettings } from './settings.ts';
import { type PageTable, pageTable } from './table.ts';
import { unitReader } from './units.ts';

/** The last nanosecond a bigint holds is in the year 2262. */
const LAST_OF_BIGINT_MS = 9_223_372_036_853;

/**
 * Rows of a table or view of any Postgres, as they come. Options: `postgres_uri`, `table`, `subject_column` (needed for
 * more than one subject), `time_column` (time), `time_unit` of a column of numbers (auto), `id_column`, `value_columns`
 * (all others), `notify_channel`, `poll_seconds` (5), `settle_seconds`, `statement_timeout_seconds` (30), `source`.
 */
export function postgresProvider(
  settings: FeedSettings,
  given: FeedReports = silent,
  clock: ProviderClock = systemProviderClock,
): LiveProvider {
  const table = tableSettings(settings);
  const reports = rejectingOnce(given);
  const unitsOf = unitReader(table, new Times(table.timeUnit, reports), clock, reports);
  let connected: { readonly pool: Pool; readonly described: Promise<PageTable> } | undefined;

  /** The columns of the table are read once, and again after a failure. */
  function connection() {
    if (connected === undefined) {
      const pool = openPool(table);
      connected = { pool, described: pageTable(pool, table) };
      connected.described.catch(() => {
        connected = undefined;
        pool.end().catch(() => undefined);
      });
    }
    return connected;
  }

  const readPage =
    ({ kind, granularity }: Pick<FeedKey, 'kind' | 'granularity'>): ReadPage =>
    async (subject, { startMs, endMs, limit }, signal) => {
      signal?.throwIfAborted();
      const key = { source: table.source, subject, kind, granularity };
      try {
        const { pool, described } = connection();
        const page = await unlessAborted(described, signal);
        const named = table.subjectColumn === null ? [] : [subject];
        const units = await unlessAborted(unitsOf(pool, page, subject, named), signal);
        if (page.samples !== null && units.length === 0) return { rows: [], nextStartMs: null };
        const sql = page.page(units);
        // A number of one unit is a number of another at another time.
        const first = Math.max(Math.floor(startMs), FIRST_TIME_MS);
        const last = Math.min(Math.floor(endMs), units.includes('ns') ? LAST_OF_BIGINT_MS : LAST_TIME_MS);
        const read = async (count: number): Promise<readonly Row[]> => {
          const asked = asking(pool, table, (client) =>
            client.query<unknown[]>({ text: sql, values: [first, last, count, ...named], rowMode: 'array' }),
          );
          const { rows } = await unlessAborted(asked, signal);
          return rows.map((cells) => rowOf(key, partsOf(cells, page, subject), reports));
        };
        return await tieSafePage(limit, read, (tsMs, rows) =>
          reports.notice('more rows of one millisecond than can be read', { subject, ts_event: tsMs, rows }),
        );
      } catch (error) {
        signal?.throwIfAborted();
        throw explained(error as Error & { code?: string }, table.address.shown);
      }
    };

  return {
    pace: 'live',
    name: 'postgres',
    source: table.source,
    async list() {
      const { pool } = connection();
      const name = [table.schema, table.table].flatMap((part) => (part === null ? [] : [quoted(part)])).join('.');
      const subjects =
        table.subjectColumn === null
          ? settings.subjects
          : (
              await asking(pool, table, (client) =>
                client.query<{ subject: string }>(
                  `select distinct ${quoted(table.subjectColumn ?? '')}::text as subject from ${name} order by 1 limit 500`,
                ),
              )
            ).rows.map(({ subject }) => subject);
      return subjects.map((symbol) => ({
        symbol,
        kinds: [settings.kind],
        granularities: settings.kind === 'candle' ? knownGranularities : [settings.granularity],
        source: table.source,
        metadata: { table: name },
      }));
    },
    history: () => null,
    fetch: (request, signal) => fetchPages(readPage(request), request, clock, signal),
    async listen(request, sink, signal) {
      const waker = new Waker();
      const ending = new AbortController();
      const until = AbortSignal.any([signal, ending.signal]);
      const context = { provider: 'postgres', clock, reports, signal: until };
      const notified =
        table.notifyChannel === null
          ? undefined
          : listenForNotifications(table, connection().pool, context, () => waker.wake());
      const follow = { ...context, request, sink, readPage: readPage(request), settleMs: table.settleMs };
      try {
        await pollPages(follow, table.pollMs, waker);
      } finally {
        ending.abort();
        await notified;
        const { pool } = connected ?? {};
        connected = undefined;
        void pool?.end().catch(() => undefined);
      }
    },
  };
}

function partsOf(cells: readonly unknown[], { names, hasNumericId }: PageTable, subject: string) {
  const [tsMs, id] = cells;
  const values: Record<string, Json> = {};
  names.forEach((name, i) => {
    const value = plainJson(cells[i + 2]);
    if (value !== undefined) values[name] = value;
  });
  const origin = `postgres ${subject} ${id ?? tsMs}`;
  const text = id === null ? undefined : String(id);
  const time = readTime(tsMs === null ? null : Number(tsMs), 'ms');
  return { time, values, origin, id: text === undefined || !hasNumericId ? text : idText(text) };
}

/** What trying again does not mend: how we connect, or (42) not this table, column, type or permission. */
function explained(error: Error & { code?: string }, uri: string): Error {
  if (error instanceof FeedUnusable) return error;
  const remedy = misconfigurationOf(error);
  if (remedy !== undefined) return new FeedUnusable(`${uri}: ${error.message}: ${remedy}`, { cause: error });
  if (!/^42/.test(error.code ?? '')) return error;
  return new FeedUnusable(`${uri}: ${error.message} (${error.code}); check postgres_uri, table and columns`, {
    cause: error,
  });
}
