/**
 * Publishing into a stream: our publisher, which keeps order and awaits every acknowledgement, against `js.publish` of
 * the client library with as many in flight, and against core publishes without acknowledgement.
 *
 * `scripts/bench publish [messages] [rounds]`; the last line is JSON. The three take turns in one run on one server,
 * each into a stream of its own; ratios are of medians.
 */

import { privateNats } from '@crunch-node/embedded/testing';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { allStreams, encodeEvent, FeedRecorded, feeds, instantOfMillis, namespaceOf } from '@crunch-node/streams';
import { type ConnectionOptions, connect, headers, type NatsConnection } from 'nats';
import { machine } from './support/machine.ts';
import { percentile, rounded } from './support/statistics.ts';
import { tableOf } from './support/table.ts';

const MESSAGES = Number(process.argv[2] ?? 100_000);
const ROUNDS = Number(process.argv[3] ?? 5);
const WARM_UP = 5_000;
const IN_FLIGHT = 4_096;

const server = await privateNats();
let reported = 0;

/** Candles of one feed, each with an id of its own. */
const message = () => {
  const n = ++reported;
  const ts_event = n * 1_000;
  const event = FeedRecorded.at(instantOfMillis(ts_event + 1_000), {
    source: 'bench',
    subject: 'BTCUSDT',
    kind: 'candle',
    granularity: '1s',
    ts_event,
    values: { open: 64_000.5, high: 64_001.25, low: 63_999.75, close: 64_000.01, volume: 12.345 },
  });
  return { event, natsSubject: 'feeds.bench.BTCUSDT.candle.1s' };
};

/** Up to two windows in flight: acknowledgements come in order, so the last of a window covers all of it. */
async function windowed(count: number, publish: () => Promise<unknown>): Promise<void> {
  const faults: unknown[] = [];
  let before: Promise<unknown> = Promise.resolve();
  for (let n = 0; n < count; n += IN_FLIGHT) {
    let last: Promise<unknown> = Promise.resolve();
    for (let i = Math.min(IN_FLIGHT, count - n); i > 0; i--) {
      last = publish();
      last.catch((fault: unknown) => faults.push(fault));
    }
    await before;
    before = last;
  }
  await before;
  if (faults.length > 0) throw faults[0];
}

async function ours(log: EventLog, count: number): Promise<void> {
  const publisher = log.publisher();
  await windowed(count, () => publisher.append(feeds, message()));
  await publisher.close();
}

function jetStream(nc: NatsConnection, prefix: string, count: number): Promise<void> {
  const js = nc.jetstream();
  return windowed(count, () => {
    const { event, natsSubject } = message();
    return js.publish(prefix + natsSubject, encodeEvent(event), { msgID: event.id });
  });
}

async function unacknowledged(nc: NatsConnection, prefix: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const { event, natsSubject } = message();
    const about = headers();
    about.set('Nats-Msg-Id', event.id);
    nc.publish(prefix + natsSubject, encodeEvent(event), { headers: about });
    if (n % IN_FLIGHT === 0) await nc.flush();
  }
  await nc.flush();
}

interface Contender {
  readonly name: string;
  run(count: number): Promise<void>;
  close(): Promise<void>;
}

async function stream(name: string): Promise<EventLog> {
  const log = await connectLog({ url: server.url, namespace: namespaceOf(name) });
  await log.ensureStreams(allStreams.filter((definition) => definition === feeds));
  return log;
}

async function raw(
  name: string,
  title: string,
  options: ConnectionOptions,
  publish: (nc: NatsConnection, prefix: string, count: number) => Promise<void>,
): Promise<Contender> {
  await (await stream(name)).close();
  const nc = await connect({ servers: server.url, ...options });
  return { name: title, run: (count) => publish(nc, `${name}.`, count), close: () => nc.close() };
}

const log = await stream('ours');
const contenders: Contender[] = [
  { name: 'crunch-node publisher', run: (count) => ours(log, count), close: () => log.close() },
  await raw('js', 'js.publish', {}, jetStream),
  await raw('jsq', 'js.publish, noAsyncTraces', { noAsyncTraces: true }, jetStream),
  await raw('core', 'core publish, unacknowledged', { noAsyncTraces: true }, unacknowledged),
];
const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
let peak = 0;
for (const { run } of contenders) await run(WARM_UP);
for (let round = 0; round < ROUNDS; round++) {
  for (const { name, run } of contenders) {
    const from = performance.now();
    await run(MESSAGES);
    rates.get(name)!.push((MESSAGES * 1000) / (performance.now() - from));
    peak = Math.max(peak, process.memoryUsage().rss);
  }
}
for (const { close } of contenders) await close();
await server.stop();

const median = (name: string): number => percentile(rates.get(name)!, 50);
const [own, js, jsQuick, core] = contenders.map(({ name }) => median(name)) as [number, number, number, number];
const shown = tableOf(['publishes', 'messages/s (median)', 'min', 'max']);
for (const { name } of contenders) {
  const all = rates.get(name)!;
  shown.push([name, ...[median(name), Math.min(...all), Math.max(...all)].map((rate) => Math.round(rate))]);
}
console.log(shown.toString());
console.log(
  JSON.stringify({
    bench: 'publish',
    messages: MESSAGES,
    rounds: ROUNDS,
    per_second: Math.round(own),
    js_publish_per_second: Math.round(js),
    js_publish_no_async_traces_per_second: Math.round(jsQuick),
    unacknowledged_per_second: Math.round(core),
    to_js_publish: rounded(own / js),
    to_js_publish_no_async_traces: rounded(own / jsQuick),
    to_unacknowledged: rounded(own / core),
    peak_rss_mb: rounded(peak / 2 ** 20),
    ...machine(),
  }),
);
