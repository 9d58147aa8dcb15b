/**
 * Unary calls per second of 10 models, client and servers in this process: the pool, the thin client below it, and
 * nice-grpc's client, in turn, on the same servers.
 *
 *     node --import tsx packages/models/bench/calls.ts [rounds]
 */
import { createChannel, createClient } from 'nice-grpc';
import { plaintext } from '../src/client/credentials.ts';
import { openLink } from '../src/client/link.ts';
import { connectModels, encodeCall, startLocalOrchestrator, startModelHost } from '../src/index.ts';
import { modelService } from '../src/wire/protocol.ts';

const MODELS = 10;
const rounds = Number(process.argv[2] ?? 300);
const models = Array.from({ length: MODELS }, (_, index) => ({
  model_id: String(index),
  model_name: `model ${index}`,
  cruncher_id: `local-${index}`,
  cruncher_name: 'bench',
  create: () => ({ feedUpdate: (_data: unknown) => undefined, predict: (_subject: string) => ({ value: 0.5 }) }),
}));
const candles = Array.from({ length: 120 }, (_, index) => {
  const close = 42_000 + 100 * Math.sin(index / 7);
  return {
    ts: 1_704_067_200 + 60 * index,
    open: close - 1.25,
    high: close + 9.5,
    low: close - 7.75,
    close,
    volume: 12.345,
  };
});
const input = { symbol: 'BTCUSDT', asof_ts: 1_704_074_340, candles_1m: candles };
const feedUpdate = encodeCall('feed_update', [{ type: 'JSON', value: input }]);
const predict = encodeCall('predict', [
  { type: 'STRING', value: 'BTCUSDT' },
  { type: 'INT', value: 60 },
  { type: 'INT', value: 15 },
]);

const host = await startModelHost({ models });
const orchestrator = await startLocalOrchestrator({ crunchId: 'bench', models: host });
const pool = connectModels({ orchestratorUrl: orchestrator.url, crunchId: 'bench', baseClassname: 'bench.Model' });
const modelIds = models.map(({ model_id }) => model_id);
await pool.settled(modelIds, AbortSignal.timeout(30_000));
const links = host
  .running()
  .map((running) =>
    openLink(
      running,
      { model_id: running.model.model_id, wallet: null, hotkey: null },
      { credentials: plaintext, maxMessageBytes: 2 ** 22 },
    ),
  );
await Promise.all(links.map((link) => link.ready(10_000)));
const channels = host.running().map(({ ip, port }) => createChannel(`${ip}:${port}`));
const clients = channels.map((channel) => createClient(modelService, channel));

const ways: Record<string, (call: typeof predict) => Promise<unknown>> = {
  pool: (call) => Promise.all(modelIds.map((id) => pool.call(id, call, { deadlineMs: 5_000, patient: false }))),
  thin: (call) => Promise.all(links.map((link) => link.call(call.bytes, Date.now() + 5_000))),
  nice: (call) => {
    const request = modelService.call.requestDeserialize(call.bytes);
    return Promise.all(clients.map((client) => client.call(request)));
  },
};

const results: Record<string, number> = {};
for (const repeat of [1, 2, 3]) {
  for (const [way, round] of Object.entries(ways)) {
    for (const call of [feedUpdate, predict]) {
      const startMs = performance.now();
      for (let i = 0; i < rounds; i++) await round(call);
      const perSecond = Math.round((rounds * MODELS * 1_000) / (performance.now() - startMs));
      if (repeat > 1) results[`${way} ${call.method}`] = Math.max(perSecond, results[`${way} ${call.method}`] ?? 0);
    }
  }
}
const roundsMs: number[] = [];
for (let i = 0; i < rounds; i++) {
  const startMs = performance.now();
  await Promise.all([ways.pool?.(feedUpdate), ways.pool?.(predict)]);
  roundsMs.push(performance.now() - startMs);
}
roundsMs.sort((a, b) => a - b);
const percentile = (p: number) => Number((roundsMs[Math.floor((rounds - 1) * p)] ?? 0).toFixed(2));

for (const link of links) link.close();
for (const channel of channels) channel.close();
await pool.close();
await orchestrator.stop();
host.stopAll();
for (const [name, perSecond] of Object.entries(results)) console.log(`${name.padEnd(18)} ${perSecond} calls/s`);
console.log(JSON.stringify({ calls_per_second: results, round_ms: { p50: percentile(0.5), p99: percentile(0.99) } }));
