import type { JsonObject } from '@crunch-node/streams';
import { type BinanceContext, type BinanceKind, decimal, noPast } from './kind.ts';
import { observation, observeSubjects } from './observed.ts';

type Level = [price: number, quantity: number];

/** The best levels of the order book, requested at every poll. */
export function depth(context: BinanceContext, levels: number): BinanceKind {
  const { market, rest, clock, reports } = context;
  return {
    history: () => 'Binance keeps no past of order books',
    page: noPast,
    listen: (request, sink, signal) =>
      observeSubjects(context, request, sink, signal, async (key) => {
        const query = { symbol: key.subject, limit: askable(levels, market.name) };
        const weight = market.weights.depth(query.limit);
        const { body } = await rest.get(`${market.api}/depth`, query, weight, signal);
        const { bids, asks, lastUpdateId, E } = (body ?? {}) as Readonly<Record<string, unknown>>;
        const book = { bids: sideOf(bids, levels), asks: sideOf(asks, levels) };
        if (book.bids.length === 0 || book.asks.length === 0) {
          const side = book.bids.length === 0 ? 'bids' : 'asks';
          reports.rejected({ reason: 'missing_field', detail: side, origin: `binance ${key.subject} depth` });
          return [];
        }
        const timeMs = typeof E === 'number' ? E : clock.nowMs(); // only futures have a time
        const isLong = typeof lastUpdateId === 'bigint';
        const metadata = { last_update_id: isLong ? String(lastUpdateId) : decimal(lastUpdateId) };
        return observation(key, timeMs, bookValues(book.bids, book.asks), reports, metadata);
      }),
  };
}

/** Futures serve a few depths only: the least of them that is deep enough. */
const askable = (levels: number, market: BinanceContext['market']['name']): number =>
  market === 'spot' ? levels : ([5, 10, 20, 50, 100, 500, 1_000].find((depth) => depth >= levels) ?? 1_000);

function sideOf(side: unknown, levels: number): Level[] {
  if (!Array.isArray(side)) throw new TypeError(`expected an order book from Binance, received ${typeof side}`);
  return side.slice(0, levels).map((level: unknown) => {
    const [price, quantity] = Array.isArray(level) ? (level as unknown[]) : [];
    return [decimal(price), decimal(quantity)];
  });
}

function bookValues(bids: readonly Level[], asks: readonly Level[]): JsonObject {
  const [bestBid, bestAsk] = [bids[0]![0], asks[0]![0]];
  const [bidDepth, askDepth] = [total(bids), total(asks)];
  const both = bidDepth + askDepth;
  return {
    best_bid: bestBid,
    best_ask: bestAsk,
    spread: bestAsk - bestBid,
    mid_price: (bestBid + bestAsk) / 2,
    bid_depth: bidDepth,
    ask_depth: askDepth,
    imbalance: both === 0 ? 0 : (bidDepth - askDepth) / both,
    bids_top: bids as Level[],
    asks_top: asks as Level[],
  };
}

const total = (side: readonly Level[]): number => side.reduce((sum, [, quantity]) => sum + quantity, 0);
