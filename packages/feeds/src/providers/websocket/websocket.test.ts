import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { FeedRecord, FeedSettings } from '@crunch-node/domain';
import { type WebSocket, WebSocketServer } from 'ws';
import { systemProviderClock } from '../../clock.ts';
import type { FeedReports } from '../../provider.ts';
import { type FakeRest, startFakeRest } from '../../testing/fake-rest.ts';
import { websocketProvider } from './index.ts';

let server: WebSocketServer;
let rest: FakeRest;
let heard: string[];
let notices: string[];
let rejected: string[];
let told: FeedRecord[];
let stop: AbortController;
let listening: Promise<void>;
const reports: FeedReports = {
  rejected: ({ reason }) => rejected.push(reason),
  notice: (text) => notices.push(text),
};
const clock = {
  ...systemProviderClock,
  random: () => 0,
  delay: (ms: number, signal?: AbortSignal) => systemProviderClock.delay(Math.min(ms, 20), signal),
};
const settings = (options: Record<string, string> = {}): FeedSettings => ({
  provider: 'websocket',
  subjects: ['BTC', 'ETH'],
  kind: 'tick',
  granularity: 'tick',
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
const numbers = (): number[] => told.map(({ ordinal }) => Number(ordinal));
async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${numbers()} ${heard} ${notices}`);
    await delay(5);
  }
}
const subscribed = (n: number): Promise<void> => until(() => heard.length >= n);
function listen(options: Record<string, string> = {}): Promise<void> {
  const sink = { record: (record: FeedRecord) => told.push(record), confirmed: () => undefined };
  const request = { subjects: ['BTC', 'ETH'], kind: 'tick', granularity: 'tick' };
  listening = websocketProvider(settings(options), reports, clock).listen(request, sink, stop.signal);
  listening.catch(() => undefined);
  return listening;
}

before(async () => {
  rest = await startFakeRest();
});
after(() => rest.stop());
beforeEach(async () => {
  [heard, notices, rejected, told, stop] = [[], [], [], [], new AbortController()];
  for (const list of [rest.rows, rest.requests, rest.answers]) list.length = 0;
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket: WebSocket) => socket.on('message', (data) => heard.push(String(data))));
  await once(server, 'listening');
});
afterEach(async () => {
  stop.abort();
  await listening.catch(() => undefined);
  for (const client of server.clients) client.terminate();
  server.close();
});

describe('a WebSocket by configuration', () => {
  it('is subscribed to and understood; what is no row is passed over, what is garbage rejected', async () => {
    listen();
    await subscribed(2);
    assert.deepEqual(
      heard,
      ['BTC', 'ETH'].map((subject) => `{"op":"subscribe","args":["${subject}"]}`),
    );
    for (const client of server.clients) {
      for (const text of ['hello', '{"e":"ack"}', '{"e":"trade"}', 'null', '{"e":"trade","d":[1,null,{}]}'])
        client.send(text);
    }
    const first = row(1);
    send(first, first, row(2, 'much'), { ...row(3), symbol: 'XRP' }, row(4));
    await until(() => told.length === 2);
    assert.deepEqual(numbers(), [1, 4]);
    assert.deepEqual(rejected, ['not_a_number']);
  });

  it('that breaks has its gap filled by REST before what follows', async () => {
    listen(withRest());
    await subscribed(2);
    send(row(1));
    await until(() => told.length === 1);
    rest.answers.push({ status: 500 }, { status: 500 });
    for (const client of server.clients) client.close(1001);
    rest.rows.push(row(3), row(5));
    await subscribed(4);
    send(row(7));
    await until(() => told.length === 4);
    assert.deepEqual(numbers(), [1, 3, 5, 7]);
    assert.ok(notices.includes('websocket: asking for what was missed failed, trying again'), String(notices));
  });

  it('that breaks without REST says what is missing', async () => {
    listen();
    await subscribed(2);
    send(row(1));
    await until(() => told.length === 1);
    for (const client of server.clients) client.terminate();
    await subscribed(4);
    assert.deepEqual(
      notices.filter((text) => text.startsWith('a gap')),
      ['a gap in the feed cannot be filled'],
    );
  });

  it('on which nothing comes is connected again', async () => {
    listen({ idle_seconds: '0.2', heartbeat: '{"op":"ping"}', heartbeat_seconds: '0.1' });
    await until(() => heard.filter((text) => text.includes('subscribe')).length >= 4);
    assert.ok(heard.includes('{"op":"ping"}'));
  });

  it('that refuses us for good ends the feed, without the key', async () => {
    server.options.verifyClient = (_info, answer) => answer(false, 401, 'no');
    await assert.rejects(
      listen(),
      ({ message }: Error) => /answered 401.*check url/.test(message) && !message.includes('s3cret'),
    );
  });

  it('is refused at start when it cannot be understood', () => {
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
