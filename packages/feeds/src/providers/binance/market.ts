import { knownGranularities } from '../../granularity.ts';

/** One of the exchange's markets: where it is, what it has, and what a request costs there. */
export interface Market {
  readonly name: 'spot' | 'usdm';
  /** feed dimension `source`: the two markets of one pair are two feeds */
  readonly source: string;
  readonly restUrl: string;
  readonly wsUrl: string;
  /** prefix of its paths */
  readonly api: string;
  /** its limit of weight a minute */
  readonly weightPerMinute: number;
  readonly granularities: readonly string[];
  readonly weights: {
    readonly exchangeInfo: number;
    readonly klines: number;
    readonly aggTrades: number;
    readonly historicalTrades: number;
    readonly ticker: number;
    /** of so many levels a side */
    depth(levels: number): number;
  };
}

/** Weight of an order book by its depth: the first row that is deep enough. */
const byDepth =
  (rows: readonly (readonly [levels: number, weight: number])[], deepest: number) =>
  (levels: number): number =>
    rows.find(([most]) => levels <= most)?.[1] ?? deepest;

const spot: Market = {
  name: 'spot',
  source: 'binance',
  restUrl: 'https://api.binance.com',
  wsUrl: 'wss://stream.binance.com:9443',
  api: '/api/v3',
  weightPerMinute: 6_000,
  granularities: knownGranularities,
  weights: {
    exchangeInfo: 20,
    klines: 2,
    aggTrades: 4,
    historicalTrades: 25,
    ticker: 2,
    depth: byDepth([[100, 5], [500, 25], [1_000, 50]], 250), // biome-ignore format: a table
  },
};

/** Perpetual and dated futures margined in USD; it has no candles of a second. */
export const usdm: Market = {
  name: 'usdm',
  source: 'binance_usdm',
  restUrl: 'https://fapi.binance.com',
  wsUrl: 'wss://fstream.binance.com',
  api: '/fapi/v1',
  weightPerMinute: 2_400,
  granularities: knownGranularities.filter((granularity) => granularity !== '1s'),
  weights: {
    exchangeInfo: 1,
    klines: 5,
    aggTrades: 20,
    historicalTrades: 20,
    ticker: 1,
    depth: byDepth([[50, 2], [100, 5], [500, 10]], 20), // biome-ignore format: a table
  },
};

export const markets: Readonly<Record<Market['name'], Market>> = { spot, usdm };
