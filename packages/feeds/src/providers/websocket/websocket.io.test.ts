import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { FeedSettings } from '@crunch-node/domain';
import { type WebSocket, WebSocketServer } from 'ws';
import { type FakeRest, startFakeRest } from '../../testing/fake-rest.ts';
import { btcAndEth, listener } from '../../testing/listener.ts';
import { websocketProvider } from './index.ts';

let server: WebSocketServer;
let rest: FakeRest;
let received: string[];
const { received: records, rejected, notices, clock, reports, listen, faultOf, until, end } = listener();
const settings = (options: Record<string, string> = {}): FeedSettings => ({
  provider: 'websocket',
  ...btcAndEth,
  window: 120,
  backfill_minutes: 180,
  options: {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/stream?key={api_key}`,
    api_key: 's3cret',
    subscribe: '{"op":"subscribe","args":["{subject}"]}',
    when: 'e=trade',
    rows: 'd',
    subject_field: 'symbol',
    time_field: 't',
    time_unit: 'ms',
    id_field: 'id',
    value_fields: 'price',
    ...options,
  },
});
const withRest = () => ({
  rest_url: `${rest.url}/rows?symbol={subject}&from={start_ms}&to={end_ms}&limit={limit}`,
  rest_rows: 'data.rows',
});
const row = (id: number, price: unknown = id) => ({ symbol: id % 2 ? 'BTC' : 'ETH', t: Date.now(), id, price });
const send = (...rows: ReturnType<typeof row>[]): void => {
  for (const client of server.clients) client.send(JSON.stringify({ e: 'trade', d: rows }));
};
const numbers = (): number[] => records.map(({ ordinal }) => Number(ordinal));
const subscribed = (n: number): Promise<void> => until(() => received.length >= n);
const provider = (options: Record<string, string> = {}) => websocketProvider(settings(options), reports, clock);

before(async () => {
  rest = await startFakeRest();
});
after(() => rest.stop());
beforeEach(async () => {
  received = [];
  for (const list of [rest.rows, rest.requests, rest.answers]) list.length = 0;
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket: WebSocket) => socket.on('message', (data) => received.push(String(data))));
  await once(server, 'listening');
});
afterEach(async () => {
  await end();
  for (const client of server.clients) client.terminate();
  server.close();
});

describe('a WebSocket by configuration', () => {
  it('is subscribed to and read; other messages are skipped, garbage is rejected', async () => {
    listen(provider(), btcAndEth);
    await subscribed(2);
    assert.deepEqual(
      received,
      ['BTC', 'ETH'].map((subject) => `{"op":"subscribe","args":["${subject}"]}`),
    );
    for (const client of server.clients) {
      for (const text of ['hello', '{"e":"ack"}', '{"e":"trade"}', 'null', '{"e":"trade","d":[1,null,{}]}'])
        client.send(text);
    }
    const first = row(1);
    send(first, first, row(2, 'much'), { ...row(3), symbol: 'XRP' }, row(4));
    await until(() => records.length === 2);
    assert.deepEqual(numbers(), [1, 4]);
    assert.deepEqual(rejected, ['not_a_number']);
  });

  it('loses no row next to one that is no JSON, and no digit of an id', async () => {
    listen(provider(), btcAndEth);
    await subscribed(2);
    const raw = (n: number, price: unknown = n): string =>
      `{"symbol":"BTC","t":${Date.now()},"id":900719925474099${n},"price":${price}}`;
    const frames = [
      `\ufeff{"e":"trade","d":[${raw(1)},${raw(2, 'NaN')},${raw(3)},{"symbol" "BTC"},${raw(4)}]}`,
      `{"e":"trade","d":[${raw(5)}]}\n{"e":"trade","d":[${raw(6)}]}`,
      '{"e":"trade","d":',
      `{"e":"trade","d":${raw(7)}}`,
    ];
    for (const client of server.clients) for (const frame of frames) client.send(frame);
    await until(() => records.length === 6);
    assert.deepEqual(
      records.map(({ ordinal }) => ordinal),
      [1, 3, 4, 5, 6, 7].map((n) => `900719925474099${n}`),
    );
    assert.deepEqual(rejected, ['not_a_number', 'unreadable', 'unreadable']);
  });

  it('has its gap after a break filled by REST before later rows', async () => {
    listen(provider(withRest()), btcAndEth);
    await subscribed(2);
    send(row(1));
    await until(() => records.length === 1);
    rest.answers.push({ status: 500 }, { status: 500 });
    for (const client of server.clients) client.close(1001);
    rest.rows.push(row(3), row(5));
    await subscribed(4);
    send(row(7));
    await until(() => records.length === 4);
    assert.deepEqual(numbers(), [1, 3, 5, 7]);
    const failed = /^websocket: asking for what was missed failed, trying again/;
    assert.ok(
      notices.some((text) => failed.test(text)),
      String(notices),
    );
  });

  it('reports a gap after a break without REST', async () => {
    listen(provider(), btcAndEth);
    await subscribed(2);
    send(row(1));
    await until(() => records.length === 1);
    for (const client of server.clients) client.terminate();
    await subscribed(4);
    assert.equal(notices.filter((text) => text.startsWith('a gap in the feed cannot be filled')).length, 1);
  });

  it('is connected again when it stays silent', async () => {
    listen(provider({ idle_seconds: '0.2', heartbeat: '{"op":"ping"}', heartbeat_seconds: '0.1' }), btcAndEth);
    await until(() => received.filter((text) => text.includes('subscribe')).length >= 4);
    assert.ok(received.includes('{"op":"ping"}'));
  });

  it('ends the feed when it refuses for good, and reports so without the key', async () => {
    server.options.verifyClient = (_info, answer) => answer(false, 401, 'no');
    const { message } = await faultOf(provider(), btcAndEth);
    assert.match(message, /answered 401.*check url/);
    assert.doesNotMatch(message, /s3cret/);
  });

  it('is refused at start when its options are invalid', () => {
    for (const [options, fault] of [
      [{ url: 'http://x' }, /url to be a URL such as wss/],
      [{ url: 'ws://x/{subject}' }, /without \{subject\}, since there are several/],
      [{ subject_field: '' }, /subject_field/],
      [{ when: 'trade' }, /conditions such as/],
      [{ rest_url: 'ftp://x' }, /rest_url/],
    ] as const) {
      assert.throws(() => websocketProvider(settings(options as Record<string, string>)), fault);
    }
    assert.match(websocketProvider(settings()).history?.('tick', 'tick') ?? '', /set rest_url/);
    assert.equal(websocketProvider(settings(withRest())).history?.('tick', 'tick'), null);
  });
});
