import type { EventLog } from '@crunch-node/eventlog';
import { allTables, type Database, type ReadModel } from '@crunch-node/projections';
import { feeds } from '@crunch-node/streams';
import { type Kysely, sql } from 'kysely';
import type { StageCount } from '../show/counts.ts';

/** Output of each stage, counted in the read model; closings, which have no table, in the log. */
export async function stageCounts(log: EventLog, { db, schema }: ReadModel): Promise<StageCount[]> {
  const counts = await db
    .selectNoFrom([
      // Not the rows: records that need not be kept are gone from the table.
      db.selectFrom('feed_ingestion_state').select(sql<string>`coalesce(sum(record_count), 0)`.as('n')).as('records'),
      db.selectFrom('rounds').select(sql<string>`count(distinct (scope_key, performed_at))`.as('n')).as('rounds'),
      db.selectFrom('predictions').select(all).where('runner_status', 'is not', null).as('calls'),
      db.selectFrom('predictions').select(all).where('status', '=', 'FAILED').as('failed_calls'),
      db.selectFrom('scores').select(all).where('outcome', '=', 'scored').as('scored'),
      db.selectFrom('scores').select(all).where('outcome', '<>', 'scored').as('unscored'),
      rows(db, 'signals').as('signals'),
      rows(db, 'snapshots').as('snapshots'),
      rows(db, 'leaderboards').as('rankings'),
      rows(db, 'checkpoints').as('checkpoints'),
    ])
    .executeTakeFirstOrThrow();
  const n = (name: keyof typeof counts): number => Number(counts[name] ?? 0);
  const { firstSequence, lastSequence } = await log.info(feeds);
  const messages = lastSequence === 0 ? 0 : lastSequence - firstSequence + 1;
  return [
    {
      stage: 'ingest',
      counts: [
        ['records', n('records')],
        ['closings', messages - n('records')],
      ],
    },
    {
      stage: 'predict',
      counts: [
        ['rounds', n('rounds')],
        ['model calls', n('calls')],
        ['failed calls', n('failed_calls')],
      ],
    },
    {
      stage: 'score',
      counts: [
        ['scored predictions', n('scored')],
        ['failed or expired', n('unscored')],
      ],
    },
    ...(n('signals') > 0 ? [{ stage: 'ensemble', counts: [['signals', n('signals')]] } as const] : []),
    { stage: 'snapshot', counts: [['snapshots', n('snapshots')]] },
    { stage: 'rank', counts: [['rankings', n('rankings')]] },
    { stage: 'checkpoint', counts: [['checkpoints', n('checkpoints')]] },
    { stage: 'project', counts: [['rows', await totalRows(db, schema)]] },
  ];
}

const all = sql<string>`count(*)`.as('n');

const rows = (db: Kysely<Database>, table: keyof Database) => db.selectFrom(table).select(all);

async function totalRows(db: Kysely<Database>, schema: string): Promise<number> {
  let total = 0;
  for (const { name } of allTables) {
    const counted = await sql<{ n: string }>`select count(*) as n from ${sql.id(schema, name)}`.execute(db);
    total += Number(counted.rows[0]?.n ?? 0);
  }
  return total;
}
