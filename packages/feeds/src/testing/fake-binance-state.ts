import type { WebSocket } from 'ws';
import type { Instead } from './misbehaviour.ts';

/** The part of Binance the provider talks to, on a port of this machine, saying what the test wants it to say. */
export interface FakeBinance {
  readonly restUrl: string;
  readonly wsUrl: string;
  /** per symbol, ascending; a symbol that is not here is an invalid one */
  readonly klines: Map<string, KlineRow[]>;
  /** per symbol, ascending by id */
  readonly trades: Map<string, FakeTrade[]>;
  /** per symbol, the answer of the order book */
  readonly books: Map<string, unknown>;
  /** per symbol, the last price */
  readonly prices: Map<string, string>;
  readonly funding: Map<string, FakeFunding>;
  /** path and query of every request, in order */
  readonly requests: string[];
  /** instead of the truth, one for each of the next requests */
  readonly answers: Instead[];
  /** the exchange's clock, which the answers carry */
  nowMs: number;
  /** used weight the answers carry */
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
  /** the answer of `/fapi/v1/premiumIndex` */
  standing: Readonly<Record<string, unknown>>;
  /** answers of `/fapi/v1/fundingRate`, ascending */
  readonly settled: { readonly fundingTime: number; readonly fundingRate: string; readonly markPrice: string }[];
}
