/** The position rows as far as reports look at them; who moves them is the projection loop. */
export interface PositionsTable {
  readonly projection: string;
  readonly version: number;
  readonly partition: string;
  readonly stream: string;
  readonly created: string;
  readonly sequence: number;
  readonly event_at: string | null;
}
