import type { Recorded } from '@crunch-node/eventlog';
import type { Event, StreamDefinition } from '@crunch-node/streams';
import type { QueryExecutorProvider } from 'kysely';
import type { Position } from '../position/position.ts';

/**
 * A read model as the loop sees it: pure `apply`, and `write` for the tables it owns. What is written is the rows, or
 * what `gathers` makes of them.
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
  /** For whoever reads a long past: rows of many batches are put together and written at once. */
  readonly gathers?: {
    /** as long as more is known to come, so many */
    readonly events: number;
    begin(): { add(rows: Rows): void; rows(): Written };
  };
}
