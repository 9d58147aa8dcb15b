/**
 * Records need not be kept for ever in a table: closings of FEEDS hold the time from which on they are kept. So the rows
 * at a place in the log are the same in every process and after any restarts: neither a clock nor the size of batches
 * decides.
 */
import { type FeedEvent, type Instant, instantOfMillis } from '@crunch-node/streams';
import { type QueryExecutorProvider, sql } from 'kysely';
import type { AppliedEvent, ClosedCycles } from '../closings.ts';
import { feedRecords } from './tables.ts';

/** Where kept records begin, by their `ts_event`. Among rows: it has moved since the batch before. */
export interface KeptFrom {
  readonly kept_from?: Instant;
}

export interface Retained extends KeptFrom {
  readonly batch: readonly AppliedEvent<FeedEvent>[];
  readonly hasMoved: boolean;
}

/**
 * Leaves out records older than the retention in force at their place in the log. The bound never moves back: deleted
 * records do not return when a longer retention is configured.
 * @param closings of the position, which holds where kept records begin as well
 */
export function retain(batch: readonly AppliedEvent<FeedEvent>[], closings: ClosedCycles): Retained {
  const before = closings.kept_from ?? '';
  let keptFrom = before;
  const kept = batch.filter(({ event }) => {
    if (event.type === 'FeedRecorded') return keptFrom === '' || instantOfMillis(event.data.ts_event) >= keptFrom;
    const { records_kept_from = '' } = event.data;
    if (records_kept_from > keptFrom) keptFrom = records_kept_from;
    return true;
  });
  if (keptFrom === '') return { batch, hasMoved: false };
  return { batch: kept, kept_from: keptFrom, hasMoved: keptFrom !== before };
}

/** Takes away the records before an instant. */
export async function prune(db: QueryExecutorProvider, schema: string, keptFrom: Instant): Promise<void> {
  await sql`delete from ${sql.id(schema, feedRecords.name)} where ts_event < ${keptFrom}::timestamptz`.execute(db);
}

/** The same, of tables that were filled at once: their position knows where kept records begin. */
export async function pruneAsOfPosition(db: QueryExecutorProvider, schema: string): Promise<void> {
  await sql`
    delete from ${sql.id(schema, feedRecords.name)} where ts_event < (
      select (closings ->> 'kept_from')::timestamptz from ${sql.id(schema, 'positions')} where projection = 'feeds'
    )`.execute(db);
}
