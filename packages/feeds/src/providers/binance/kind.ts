import type { FeedRecord } from '@crunch-node/domain';
import type { FeedKey } from '@crunch-node/streams';
import type { ProviderClock } from '../../clock.ts';
import type { FeedReports, FeedRequest, FeedSink, FetchRequest, SubjectPage } from '../../provider.ts';
import type { Market } from './market.ts';
import type { BinanceRest } from './rest.ts';

export type Range = Pick<FetchRequest, 'startMs' | 'endMs' | 'limit'>;

/** What a kind of record works with. */
export interface BinanceContext {
  readonly market: Market;
  readonly rest: BinanceRest;
  /** of the futures market, which alone has funding */
  readonly futures: BinanceRest;
  readonly wsUrl: string;
  readonly idleMs: number;
  readonly pollMs: number;
  readonly clock: ProviderClock;
  readonly reports: FeedReports;
}

/** A kind of record Binance has, and how it is had. */
export interface BinanceKind {
  /** null: it has a past; else the reason why not, for the operator */
  history(granularity: string): string | null;
  /** One page of the past, oldest first. @throws what keeps it from being known */
  page(key: FeedKey, range: Range, signal?: AbortSignal): Promise<SubjectPage>;
  listen(request: FeedRequest, sink: FeedSink, signal: AbortSignal): Promise<void>;
}

/** The page for a kind that only knows the present. */
export const noPast = async ({ subject }: FeedKey): Promise<SubjectPage> => ({
  subject,
  records: [] as readonly FeedRecord[],
  nextStartMs: null,
});

/** Decimal text, as the exchange writes numbers. NaN when it is none: an empty text is no zero. */
export const decimal = (value: unknown): number =>
  typeof value === 'number' || typeof value === 'bigint' || (typeof value === 'string' && value.trim() !== '')
    ? Number(value)
    : Number.NaN;
