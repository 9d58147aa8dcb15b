import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerInstead, type Instead, json } from './misbehaviour.ts';

/** A current price in the format of Hermes. */
export interface HermesPrice {
  readonly price: string;
  readonly expo: number;
  readonly publish_time: number;
}

/** A candle of the history: open in Unix seconds, open, high, low, close. */
export type HistoryBar = readonly [t: number, o: number, h: number, l: number, c: number];

/** Hermes and Benchmarks in one, on a port of this machine. */
export interface FakeHermes {
  readonly url: string;
  /** by id, without 0x */
  readonly prices: Map<string, HermesPrice>;
  /** the response of `/v2/price_feeds` */
  listings: unknown;
  /** by symbol such as Crypto.BTC/USD, ascending */
  readonly history: Map<string, HistoryBar[]>;
  /** more candles in one question are too many */
  maxBars: number;
  /** key that is wanted, null wants none */
  wantKey: string | null;
  readonly requests: string[];
  /** instead of the truth, one for each of the next requests, streams included */
  readonly answers: Instead[];
  /** clock of the history service */
  nowMs: number;
  /** streams that are open */
  readonly streams: ReadonlySet<ServerResponse>;
  /** sends text to every stream as it is */
  send(text: string): void;
  /** sends the prices of some feeds as an event */
  publish(...ids: string[]): void;
  /** closes every stream */
  drop(): void;
  clear(): void;
  stop(): Promise<void>;
}

export async function startFakeHermes(): Promise<FakeHermes> {
  const streams = new Set<ServerResponse>();
  const server = createServer((request, response) => answer(fake, streams, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const fake: FakeHermes = {
    url: `http://127.0.0.1:${port}`,
    prices: new Map(),
    listings: [],
    history: new Map(),
    maxBars: 10_000,
    wantKey: null,
    requests: [],
    answers: [],
    nowMs: Date.now(),
    streams,
    send(text) {
      for (const stream of streams) stream.write(text);
    },
    publish(...ids) {
      fake.send(`data:${JSON.stringify({ parsed: parsedOf(fake, ids) })}\n\n`);
    },
    drop() {
      for (const stream of streams) stream.end();
    },
    clear() {
      fake.drop();
      streams.clear();
      fake.prices.clear();
      fake.history.clear();
      fake.requests.length = 0;
      fake.answers.length = 0;
      Object.assign(fake, { listings: [], maxBars: 10_000, wantKey: null, nowMs: Date.now() });
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}

const parsedOf = (fake: FakeHermes, ids: readonly string[]) =>
  ids.flatMap((id) => {
    const price = fake.prices.get(id.replace(/^0x/, '').toLowerCase());
    return price === undefined ? [] : { id, price: { conf: '1', ...price }, ema_price: price, metadata: {} };
  });

function answer(
  fake: FakeHermes,
  streams: Set<ServerResponse>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url ?? '/', fake.url);
  fake.requests.push(`${url.pathname}${url.search}`);
  const headers = { 'content-type': 'application/json', date: new Date(fake.nowMs).toUTCString() };
  const instead = fake.answers.shift();
  if (instead !== undefined) {
    answerInstead(response, instead, headers);
    return;
  }
  if (fake.wantKey !== null && request.headers.authorization !== `Bearer ${fake.wantKey}`) {
    response.writeHead(401, headers).end('{}');
    return;
  }
  const ids = url.searchParams.getAll('ids[]');
  switch (url.pathname) {
    case '/v2/updates/price/latest':
      response
        .writeHead(200, headers)
        .end(json({ binary: { encoding: 'hex', data: [] }, parsed: parsedOf(fake, ids) }));
      return;
    case '/v2/updates/price/stream':
      response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' }).flushHeaders();
      streams.add(response);
      response.on('close', () => streams.delete(response));
      return;
    case '/v2/price_feeds':
      response.writeHead(200, headers).end(json(fake.listings));
      return;
    case '/v1/shims/tradingview/history':
      response.writeHead(200, headers).end(json(historyOf(fake, url.searchParams)));
      return;
    default:
      response.writeHead(404, headers).end('{}');
  }
}

function historyOf(fake: FakeHermes, asked: URLSearchParams): unknown {
  const bars = fake.history.get(asked.get('symbol') ?? '');
  if (bars === undefined) return { s: 'error', errmsg: 'Unknown symbol' };
  const [from, to] = [Number(asked.get('from')), Number(asked.get('to'))];
  const minutes = asked.get('resolution') === 'D' ? 1_440 : Number(asked.get('resolution'));
  if ((to - from) / (minutes * 60) + 1 > fake.maxBars) return { s: 'error', errmsg: 'Too many points requested' };
  const found = bars.filter(([t]) => t >= from && t <= to);
  const column = (i: 0 | 1 | 2 | 3 | 4): number[] => found.map((bar) => bar[i]);
  return { s: 'ok', t: column(0), o: column(1), h: column(2), l: column(3), c: column(4), v: found.map(() => 0) };
}
