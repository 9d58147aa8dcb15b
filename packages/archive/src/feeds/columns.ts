import type { FeedRecord } from '@crunch-node/domain';
import { canonicalOrder } from './meta.ts';

/** The columns of a file, in their order. All are nullable. */
export const archiveColumns = [
  'ts_event',
  'source',
  'subject',
  'kind',
  'granularity',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'meta',
  'price',
] as const;
export type ArchiveColumn = (typeof archiveColumns)[number];

const NUMBERS = ['open', 'high', 'low', 'close', 'volume', 'price'] as const;
const numbers: ReadonlySet<string> = new Set(NUMBERS);

export const typeOfColumn = (column: ArchiveColumn): 'timestamptz' | 'double' | 'varchar' =>
  column === 'ts_event' ? 'timestamptz' : numbers.has(column) ? 'double' : 'varchar';

export const isArchiveColumn = (name: string): name is ArchiveColumn =>
  (archiveColumns as readonly string[]).includes(name);

export type ArchiveRow = Readonly<Record<(typeof NUMBERS)[number], number | null>> & {
  readonly tsMicros: bigint;
  readonly meta: string;
};

/**
 * Numbers with a column of their own go there; all other values, the trade id and the record's metadata are JSON in
 * `meta`.
 */
export function archiveRow({ ts_event, ordinal, values, metadata }: FeedRecord): ArchiveRow {
  const others = Object.entries(values).filter(([name]) => !numbers.has(name));
  const rest = {
    ...(ordinal !== undefined && !('trade_id' in values) && { trade_id: ordinal }),
    ...Object.fromEntries(others),
    ...(metadata !== undefined && Object.keys(metadata).length > 0 && { _record_meta: metadata }),
  };
  const number = (name: (typeof NUMBERS)[number]): number | null => {
    const value = values[name];
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  };
  return {
    tsMicros: BigInt(ts_event) * 1000n,
    open: number('open'),
    high: number('high'),
    low: number('low'),
    close: number('close'),
    volume: number('volume'),
    meta: canonicalOrder(rest),
    price: number('price'),
  };
}
