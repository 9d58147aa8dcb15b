import { type BinanceContext, decimal } from './kind.ts';
import type { Answer, Query } from './rest.ts';

/** A trade, or several at one price and time that count as one. */
export interface Trade {
  /** null: it has none */
  readonly id: bigint | null;
  readonly price: number;
  readonly quantity: number;
  /** Unix milliseconds */
  readonly timeMs: number;
}

/** The two ways Binance publishes trades: each has a stream, and the same trades by REST under the same ids. */
export interface TradeTape {
  readonly stream: string;
  /** null: the message is none of this tape's. A trade that lacks something has NaN there. */
  parse(data: Readonly<Record<string, unknown>>): Trade | null;
  /** ascending from that id, at most 1000 */
  fromId(symbol: string, id: bigint, signal?: AbortSignal): Promise<readonly Trade[]>;
  /** ascending within an hour, at most so many */
  between(
    symbol: string,
    startMs: number,
    endMs: number,
    limit: number,
    signal?: AbortSignal,
  ): Promise<readonly Trade[]>;
  /** id of the newest trade, null when there never was one */
  newestId(symbol: string, signal?: AbortSignal): Promise<bigint | null>;
}

export const TRADES_A_PAGE = 1_000;

function idOf(value: unknown): bigint | null {
  if (typeof value === 'bigint') return value;
  const digits = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  return typeof digits === 'string' && /^-?\d{1,40}$/.test(digits) ? BigInt(digits) : null;
}

type Row = Readonly<Record<string, unknown>>;
const aggregatedTrade = ({ a, p, q, T }: Row): Trade => ({
  id: idOf(a),
  price: decimal(p),
  quantity: decimal(q),
  timeMs: decimal(T),
});

type Rows = (query: Query, signal?: AbortSignal) => Promise<readonly Row[]>;

function aggregatedRows({ market, rest }: BinanceContext): Rows {
  return async (query, signal) =>
    rowsOf(await rest.get(`${market.api}/aggTrades`, query, market.weights.aggTrades, signal));
}

/** Trades of one taker's order at one price and moment as one. Has a past by time. */
export function aggregatedTape(context: BinanceContext): TradeTape {
  const rows = aggregatedRows(context);
  const trades = async (query: Query, signal?: AbortSignal): Promise<readonly Trade[]> =>
    (await rows(query, signal)).map(aggregatedTrade);
  return {
    stream: 'aggTrade',
    parse: (data) => (data.e === 'aggTrade' ? aggregatedTrade(data) : null),
    fromId: (symbol, id, signal) => trades({ symbol, fromId: id, limit: TRADES_A_PAGE }, signal),
    between: (symbol, startMs, endMs, limit, signal) =>
      trades({ symbol, startTime: startMs, endTime: endMs, limit }, signal),
    newestId: async (symbol, signal) => (await trades({ symbol, limit: 1 }, signal)).at(-1)?.id ?? null,
  };
}

/** Every single trade. By time it is found through the aggregated ones, which know the first trade in them. */
export function singleTape(context: BinanceContext): TradeTape {
  const { market, rest } = context;
  const aggregated = aggregatedRows(context);
  const rows: Rows = async (query, signal) =>
    rowsOf(await rest.get(`${market.api}/historicalTrades`, query, market.weights.historicalTrades, signal));
  const trades = async (query: Query, signal?: AbortSignal): Promise<readonly Trade[]> =>
    (await rows(query, signal)).map(({ id, price, qty, time }) => ({
      id: idOf(id),
      price: decimal(price),
      quantity: decimal(qty),
      timeMs: decimal(time),
    }));
  return {
    stream: 'trade',
    parse: ({ e, t, p, q, T }) =>
      e === 'trade' ? { id: idOf(t), price: decimal(p), quantity: decimal(q), timeMs: decimal(T) } : null,
    fromId: (symbol, id, signal) => trades({ symbol, fromId: id, limit: TRADES_A_PAGE }, signal),
    async between(symbol, startMs, endMs, limit, signal) {
      const [first] = await aggregated({ symbol, startTime: startMs, endTime: endMs, limit: 1 }, signal);
      if (first === undefined) return [];
      const found = await trades({ symbol, fromId: idOf(first.f) ?? 'none', limit }, signal);
      return found.filter(({ timeMs }) => timeMs >= startMs && timeMs <= endMs);
    },
    newestId: async (symbol, signal) => (await trades({ symbol, limit: 1 }, signal)).at(-1)?.id ?? null,
  };
}

function rowsOf({ body }: Answer): readonly Row[] {
  if (!Array.isArray(body)) throw new TypeError(`expected a list of trades from Binance, received ${typeof body}`);
  return body.map((row: unknown) => (typeof row === 'object' && row !== null ? (row as Row) : {}));
}
