import type { Recorded } from '@crunch-node/eventlog';
import type { Event, StreamDefinition } from '@crunch-node/streams';
import type { QueryExecutorProvider } from 'kysely';
import type { Position } from '../position/position.ts';

/**
 * A read model in the form the loop needs: pure `apply`, and `write` for its own tables. Written are the rows, or the
 * result of `gathers`.
 */
export interface RowProjection<Rows = unknown, Written = Rows> {
  readonly name: string;
  readonly version: number;
  readonly stream: StreamDefinition;
  apply(
    batch: readonly Recorded<Event>[],
    closings: Position['closings'],
  ): { readonly rows: Rows; readonly closings: Position['closings'] };
  write(db: QueryExecutorProvider, schema: string, rows: Written): Promise<number>;
  /** For reading a long history: rows of many batches are gathered and written at once. */
  readonly gathers?: {
    /** maximum number of events, as long as more are known to follow */
    readonly events: number;
    begin(): { add(rows: Rows): void; rows(): Written };
  };
}
