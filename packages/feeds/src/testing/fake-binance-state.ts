import type { WebSocket } from 'ws';
import type { Instead } from './misbehaviour.ts';

/** The part of Binance the provider uses, on a port of this machine, with the responses a test sets. */
export interface FakeBinance {
  readonly restUrl: string;
  readonly wsUrl: string;
  /** per symbol, ascending; a symbol that is not here is an invalid one */
  readonly klines: Map<string, KlineRow[]>;
  /** per symbol, ascending by id */
  readonly trades: Map<string, FakeTrade[]>;
  /** per symbol, the response for the order book */
  readonly books: Map<string, unknown>;
  /** per symbol, the last price */
  readonly prices: Map<string, string>;
  readonly funding: Map<string, FakeFunding>;
  /** path and query of every request, in order */
  readonly requests: string[];
  /** instead of the truth, one for each of the next requests */
  readonly answers: Instead[];
  /** the exchange's clock, as responses carry it */
  nowMs: number;
  /** used weight, as responses carry it */
  weight: number;
  /** status with which WebSockets are refused; null accepts them */
  refuseSockets: number | null;
  /** pongs received */
  readonly pongs: number;
  readonly sockets: ReadonlySet<WebSocket>;
  /** paths of all connections there were */
  readonly connections: readonly string[];
  /** sends a frame to every connection */
  send(frame: string): void;
  /** the exchange closes every connection */
  drop(): void;
  /** forgets all there was, but its address */
  clear(): void;
  stop(): Promise<void>;
}

/** A candle as `/api/v3/klines` gives it: open time, open, high, low, close, volume, close time, … */
export type KlineRow = readonly (string | number)[];

/** A trade, which here is its own aggregate. */
export interface FakeTrade {
  readonly id: number;
  readonly price: string;
  readonly qty: string;
  readonly time: number;
}

export interface FakeFunding {
  /** the response of `/fapi/v1/premiumIndex` */
  standing: Readonly<Record<string, unknown>>;
  /** responses of `/fapi/v1/fundingRate`, ascending */
  readonly settled: { readonly fundingTime: number; readonly fundingRate: string; readonly markPrice: string }[];
}
