import type { Instant } from '@crunch-node/streams';

export type PostgresType =
  | 'text'
  | 'timestamptz'
  | 'bigint'
  | 'integer'
  | 'double precision'
  | 'numeric'
  | 'boolean'
  | 'json';

declare const value: unique symbol;

/** A column: its type in Postgres, and as a phantom its type in TypeScript. */
export interface Column<T = unknown> {
  readonly type: PostgresType;
  readonly nullable: boolean;
  readonly [value]?: T;
}

export type ValueOf<C> = C extends Column<infer T> ? T : never;

const column = <T>(type: PostgresType): Column<T> => ({ type, nullable: false });

export const text: Column<string> = column('text');
/** Written and read as six-digit text: a `Date` would drop the microseconds. */
export const timestamp: Column<Instant> = column('timestamptz');
export const integer: Column<number> = column('integer');
/** Counts and log sequences, which stay far below 2^53. */
export const bigint: Column<number> = column('bigint');
export const double: Column<number> = column('double precision');
/** Decimal digits as text. Sums are exact, so in whatever order they are made they are the same. */
export const numeric: Column<string> = column('numeric');
export const boolean: Column<boolean> = column('boolean');
/** `json`, not `jsonb`: numbers and keys come back exactly as they were published. */
export const json = <T>(): Column<T> => column('json');
export const nullable = <T>({ type }: Column<T>): Column<T | null> => ({ type, nullable: true });
/** Narrows a text column to the words it may hold. */
export const oneOf = <const W extends string>(..._words: readonly W[]): Column<W> => column('text');
