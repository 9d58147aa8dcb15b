import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { binanceTruth } from './binance-truth.ts';
import type { FakeBinance } from './fake-binance-state.ts';
import { answerInstead, json } from './misbehaviour.ts';

export {
  aggTradeFrame,
  klineFrame,
  klineRow,
  tradeFrame,
} from './binance-truth.ts';

export async function startFakeBinance(): Promise<FakeBinance> {
  const sockets = new Set<WebSocket>();
  const connections: string[] = [];
  let pongs = 0;
  const server = createServer((request, response) => answer(fake, request, response));
  const webSockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => undefined); // a client that was refused may go without a word
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
    trades: new Map(),
    books: new Map(),
    prices: new Map(),
    funding: new Map(),
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
    clear() {
      for (const socket of sockets) socket.terminate();
      sockets.clear();
      for (const map of [fake.klines, fake.trades, fake.books, fake.prices, fake.funding]) map.clear();
      fake.requests.length = 0;
      fake.answers.length = 0;
      Object.assign(fake, { nowMs: Date.now(), weight: 2, refuseSockets: null });
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
  const headers = {
    'content-type': 'application/json',
    'x-mbx-used-weight-1m': String(fake.weight),
    date: new Date(fake.nowMs).toUTCString(),
  };
  const instead = fake.answers.shift();
  if (instead !== undefined) {
    answerInstead(response, instead, headers);
    return;
  }
  const { status, body } = binanceTruth(fake, url);
  response.writeHead(status, headers).end(json(body));
}

export type { FakeFunding, FakeTrade, KlineRow } from './fake-binance-state.ts';
