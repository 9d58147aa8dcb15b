import { type FeedEvent, instantOfMillis } from '@crunch-node/streams';
import type { Placed } from '../closings.ts';
import { ingestedAt } from './ingested-at.ts';
import { keptOrdinal } from './kept-ordinal.ts';
import type { FeedRecordRow } from './tables.ts';

export function rowsOf({ event, obs, sequence, stored_us, late }: Placed<FeedEvent>): {
  feed_records?: readonly FeedRecordRow[];
} {
  switch (event.type) {
    case 'FeedRecorded': {
      const { source, subject, kind, granularity, ts_event, ordinal, values, metadata } = event.data;
      const row: FeedRecordRow = {
        source,
        subject,
        kind,
        granularity,
        ts_event: instantOfMillis(ts_event),
        ordinal: keptOrdinal(ordinal ?? ''),
        record_id: event.id,
        at: event.at,
        late,
        values,
        metadata: metadata ?? null,
        ts_ingested: ingestedAt(obs),
        obs: stored_us === undefined ? (obs ?? null) : { ...obs, stored_us },
        log_sequence: sequence,
      };
      return { feed_records: [row] };
    }
    case 'CycleClosed':
      return {};
  }
}
