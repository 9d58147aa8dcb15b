import type { FeedReports, ListedSubject } from '../../provider.ts';
import type { BinanceContext } from './kind.ts';
import { usdm } from './market.ts';
import type { BinanceRest } from './rest.ts';

interface ExchangeSymbol {
  readonly symbol: string;
  readonly status: string;
  readonly baseAsset: string;
  readonly quoteAsset: string;
  readonly contractType?: string;
}

/** Every symbol of the market, and of the futures those with funding. */
export async function listSubjects(
  { market, rest, futures, reports }: BinanceContext,
  signal?: AbortSignal,
): Promise<readonly ListedSubject[]> {
  const own = await symbolsOf(rest, `${market.api}/exchangeInfo`, market.weights.exchangeInfo, signal);
  const perpetuals = new Map(
    (market === usdm ? own : await futuresOrNone(futures, reports, signal))
      .filter(({ contractType }) => contractType === 'PERPETUAL')
      .map((one) => [one.symbol, one]),
  );
  const listed = own.map((one) => {
    const kinds = ['candle', 'tick', 'depth', ...(perpetuals.has(one.symbol) ? ['funding'] : [])];
    return subjectOf(one, market.source, kinds, market.granularities);
  });
  const known = new Set(own.map(({ symbol }) => symbol));
  const fundingOnly = [...perpetuals.values()].filter(({ symbol }) => !known.has(symbol));
  return [...listed, ...fundingOnly.map((one) => subjectOf(one, market.source, ['funding'], market.granularities))];
}

async function futuresOrNone(
  futures: BinanceRest,
  reports: FeedReports,
  signal?: AbortSignal,
): Promise<readonly ExchangeSymbol[]> {
  try {
    return await symbolsOf(futures, `${usdm.api}/exchangeInfo`, usdm.weights.exchangeInfo, signal);
  } catch (error) {
    signal?.throwIfAborted();
    reports.notice('cannot tell which symbols of Binance have funding', { reason: (error as Error).message });
    return [];
  }
}

async function symbolsOf(
  rest: BinanceRest,
  path: string,
  weight: number,
  signal?: AbortSignal,
): Promise<readonly ExchangeSymbol[]> {
  const { body } = await rest.get(path, {}, weight, signal);
  const { symbols, rateLimits } = (body ?? {}) as { symbols?: ExchangeSymbol[]; rateLimits?: unknown };
  if (!Array.isArray(symbols) || symbols.length === 0) throw new TypeError('expected Binance to list its symbols');
  const limit = weightLimitOf(rateLimits);
  if (limit !== null) rest.sawLimit(limit);
  return symbols;
}

/** Weight a minute, as the exchange publishes it. */
function weightLimitOf(rateLimits: unknown): number | null {
  if (!Array.isArray(rateLimits)) return null;
  for (const entry of rateLimits as unknown[]) {
    const { rateLimitType, interval, intervalNum, limit } = (entry ?? {}) as Readonly<Record<string, unknown>>;
    const isPerMinute = rateLimitType === 'REQUEST_WEIGHT' && interval === 'MINUTE' && intervalNum === 1;
    if (isPerMinute && typeof limit === 'number' && limit > 0) return limit;
  }
  return null;
}

const subjectOf = (
  { symbol, status, baseAsset, quoteAsset }: ExchangeSymbol,
  source: string,
  kinds: readonly string[],
  granularities: readonly string[],
): ListedSubject => ({
  symbol,
  display_name: `${baseAsset}/${quoteAsset}`,
  kinds,
  granularities,
  source,
  metadata: { status, base: baseAsset, quote: quoteAsset },
});
