import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** A candle as `/api/v3/klines` gives it: open time, open, high, low, close, volume, close time, … */
export type KlineRow = readonly (string | number)[];

/** The part of Binance the provider talks to, on a port of this machine, saying what the test wants it to say. */
export interface FakeBinance {
  readonly restUrl: string;
  readonly wsUrl: string;
  /** per symbol, ascending; a symbol that is not here is an invalid one */
  readonly klines: Map<string, KlineRow[]>;
  /** path and query of every request, in order */
  readonly requests: string[];
  /** answers the next requests instead of the truth, one each */
  readonly answers: { readonly status: number; readonly headers?: Record<string, string>; readonly body?: unknown }[];
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
  stop(): Promise<void>;
}

/** A made-up candle, flat at a price. */
export const klineRow = (openMs: number, stepMs: number, price: number): KlineRow => [
  openMs,
  ...Array.from({ length: 4 }, () => price.toFixed(8)),
  '1.00000000',
  openMs + stepMs - 1,
  '0',
  1,
  '0',
  '0',
  '0',
];

/** The frame that tells a candle is closed, or still growing. */
export function klineFrame(symbol: string, interval: string, row: KlineRow, closed = true): string {
  const [t, o, h, l, c, v, T] = row;
  const k = {
    t,
    T,
    s: symbol,
    i: interval,
    f: 1,
    L: 1,
    o,
    c,
    h,
    l,
    v,
    n: 1,
    x: closed,
    q: '0',
    V: '0',
    Q: '0',
    B: '0',
  };
  const stream = `${symbol.toLowerCase()}@kline_${interval}`;
  return JSON.stringify({ stream, data: { e: 'kline', E: Number(T) + 1, s: symbol, k } });
}

export async function startFakeBinance(): Promise<FakeBinance> {
  const sockets = new Set<WebSocket>();
  const connections: string[] = [];
  let pongs = 0;
  const server = createServer((request, response) => answer(fake, request, response));
  const webSockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (fake.refuseSockets !== null) {
      socket.end(`HTTP/1.1 ${fake.refuseSockets} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      connections.push(request.url ?? '');
      sockets.add(webSocket);
      webSocket.on('pong', () => pongs++);
      webSocket.on('close', () => sockets.delete(webSocket));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const fake: FakeBinance = {
    restUrl: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    klines: new Map(),
    requests: [],
    answers: [],
    nowMs: Date.now(),
    weight: 2,
    refuseSockets: null,
    get pongs() {
      return pongs;
    },
    sockets,
    connections,
    send(frame) {
      for (const socket of sockets) socket.send(frame);
    },
    drop() {
      for (const socket of sockets) socket.close(1001);
    },
    async stop() {
      for (const socket of sockets) socket.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}

function answer(fake: FakeBinance, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', fake.restUrl);
  fake.requests.push(`${url.pathname}${url.search}`);
  const given = fake.answers.shift();
  const { status, headers = {}, body } = given ?? truth(fake, url);
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-mbx-used-weight-1m': String(fake.weight),
    date: new Date(fake.nowMs).toUTCString(),
    ...headers,
  });
  response.end(body === undefined ? '' : JSON.stringify(body));
}

function truth(fake: FakeBinance, { pathname, searchParams }: URL): FakeBinance['answers'][number] {
  if (pathname === '/api/v3/exchangeInfo') {
    const symbols = [...fake.klines.keys()].map((symbol) => ({
      symbol,
      status: 'TRADING',
      baseAsset: symbol.slice(0, 3),
      quoteAsset: symbol.slice(3),
    }));
    return { status: 200, body: { timezone: 'UTC', serverTime: fake.nowMs, rateLimits: [], symbols } };
  }
  const rows = fake.klines.get(searchParams.get('symbol') ?? '');
  if (pathname !== '/api/v3/klines') return { status: 404, body: {} };
  if (rows === undefined) return { status: 400, body: { code: -1121, msg: 'Invalid symbol.' } };
  const start = Number(searchParams.get('startTime') ?? 0);
  const end = Number(searchParams.get('endTime') ?? Number.POSITIVE_INFINITY);
  const limit = Number(searchParams.get('limit') ?? 500);
  const body = rows.filter(([openMs]) => Number(openMs) >= start && Number(openMs) <= end).slice(0, limit);
  return { status: 200, body };
}
