import { feeds } from '@crunch-node/streams';
import { defineProjection } from '../define-projection.ts';
import { rowsOf } from './apply.ts';
import { type KeptFrom, prune, pruneAsOfPosition, retain } from './retention.ts';
import { type FeedRecordRow, feedIngestionState, feedRecords } from './tables.ts';
import { countRecords, writeRecords } from './write.ts';

interface RecordRows {
  readonly feed_records: readonly FeedRecordRow[];
}

const whole = defineProjection({
  name: 'feeds',
  version: 1,
  stream: feeds,
  tables: { feed_records: feedRecords, feed_ingestion_state: feedIngestionState },
  publishedBy: ({ at }) => ({ writer: 'feeds', at }),
  late: 'kept',
  rowsOf,
  async write(db, schema, { feed_records, kept_from }: RecordRows & KeptFrom) {
    const written = await writeRecords(db, schema, feed_records);
    if (kept_from !== undefined) await prune(db, schema, kept_from);
    return written;
  },
  rebuild: {
    copied: ['feed_records'],
    fold: async () => 0,
    async derive(db, schema) {
      await countRecords(db, schema);
      await pruneAsOfPosition(db, schema);
    },
  },
});

/** Without the records that need not be kept according to closings. Counters include all records ever published. */
export const feedsProjection: typeof whole = {
  ...whole,
  apply(batch, closings) {
    const retained = retain(batch, closings);
    const applied = whole.apply(retained.batch, closings);
    const { kept_from } = retained;
    if (kept_from === undefined) return applied;
    const rows: typeof applied.rows & KeptFrom = retained.hasMoved ? { ...applied.rows, kept_from } : applied.rows;
    return { rows, closings: { ...applied.closings, kept_from } };
  },
};
