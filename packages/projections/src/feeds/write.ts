import { type QueryExecutorProvider, sql } from 'kysely';
import { chunksOf, columnList, selectRows } from '../write-rows.ts';
import { type FeedRecordRow, feedIngestionState, feedRecords } from './tables.ts';

/**
 * Records, and in the same statement the counters of their feeds. A repeated record counts once: the first one in the
 * log wins, and only rows that were really added are counted.
 */
export async function writeRecords(
  db: QueryExecutorProvider,
  schema: string,
  rows: readonly FeedRecordRow[],
): Promise<number> {
  for (const some of chunksOf(rows)) {
    await sql`
      with added as (
        insert into ${sql.id(schema, feedRecords.name)} (${columnList(feedRecords)}) ${selectRows(feedRecords, some)}
        on conflict do nothing
        returning source, subject, kind, granularity, ts_event, late, ts_ingested
      )
      insert into ${sql.id(schema, feedIngestionState.name)} as known (${columnList(feedIngestionState)})
      select source, subject, kind, granularity, count(*), count(*) filter (where late),
        min(ts_event), max(ts_event), max(ts_ingested)
      from added group by source, subject, kind, granularity
      on conflict (source, subject, kind, granularity) do update set
        record_count = known.record_count + excluded.record_count,
        late_count = known.late_count + excluded.late_count,
        oldest_ts = least(known.oldest_ts, excluded.oldest_ts),
        newest_ts = greatest(known.newest_ts, excluded.newest_ts),
        updated_at = greatest(known.updated_at, excluded.updated_at)`.execute(db);
  }
  return rows.length;
}

/** The counters of all records, when all of them are there. */
export async function countRecords(db: QueryExecutorProvider, schema: string): Promise<void> {
  await sql`
    insert into ${sql.id(schema, feedIngestionState.name)} (${columnList(feedIngestionState)})
    select source, subject, kind, granularity, count(*), count(*) filter (where late),
      min(ts_event), max(ts_event), max(ts_ingested)
    from ${sql.id(schema, feedRecords.name)} group by source, subject, kind, granularity`.execute(db);
}
