/** The columns of positions that reports read; the projection loop writes them. */
export interface PositionsTable {
  readonly projection: string;
  readonly version: number;
  readonly partition: string;
  readonly stream: string;
  readonly created: string;
  readonly sequence: number;
  readonly event_at: string | null;
  readonly closings: Readonly<Record<string, string>>;
}
