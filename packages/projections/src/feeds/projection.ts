import { feeds } from '@crunch-node/streams';
import { defineProjection } from '../define-projection.ts';
import { rowsOf } from './apply.ts';
import { feedIngestionState, feedRecords } from './tables.ts';
import { countRecords, writeRecords } from './write.ts';

export const feedsProjection = defineProjection({
  name: 'feeds',
  version: 1,
  stream: feeds,
  tables: { feed_records: feedRecords, feed_ingestion_state: feedIngestionState },
  said: ({ at }) => ({ writer: 'feeds', at }),
  late: 'kept',
  rowsOf,
  write: (db, schema, { feed_records }) => writeRecords(db, schema, feed_records),
  rebuild: { copied: ['feed_records'], fold: async () => 0, derive: countRecords },
});
