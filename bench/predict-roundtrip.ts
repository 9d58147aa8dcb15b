/**
 * From a feed record published to its rounds acknowledged, models called over gRPC in another process, `feed_update` of
 * a 120-candle window included, compared with the same model calls without a log, alternating in one run.
 *
 * `scripts/bench predict-roundtrip [rounds]`; the last line is JSON.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { defineCrunch } from '@crunch-node/config';
import type { CrunchConfig } from '@crunch-node/domain';
import { findNatsServer, startNatsServer, tempDir } from '@crunch-node/embedded';
import { connectLog, type EventLog, type Message } from '@crunch-node/eventlog';
import { connectModels, encodeCall } from '@crunch-node/models';
import { startPredict } from '@crunch-node/predict';
import { createLogger } from '@crunch-node/service';
import {
  allStreams,
  ConfigActivated,
  control,
  FeedRecorded,
  feedNatsSubject,
  feeds,
  instantOfMillis,
  type JsonObject,
  namespaceOf,
} from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { machine } from './support/machine.ts';
import { percentile, rounded, summary } from './support/statistics.ts';
import { tableOf } from './support/table.ts';
import { nowUs, watched } from './support/watched-log.ts';

const ROUNDS = Number(process.argv[2] ?? 300);
const WARM_UP = 50;
const BLOCK = 25;
const WINDOW = 120;
const PARTITIONS = 8;
const FEED = { source: 'bench', subject: 'BTCUSDT', kind: 'candle', granularity: '1s' };
const START = Date.UTC(2024, 0, 1);

const config = defineCrunch({
  crunch_id: 'bench',
  feed: { provider: 'synthetic', subjects: ['BTCUSDT'], kind: 'candle', granularity: '1s', window: WINDOW },
  scheduled_predictions: [
    { scope_key: 'bench', scope: { subject: 'BTCUSDT' }, prediction_interval_seconds: 1, resolve_horizon_seconds: 60 },
  ],
  partitions: PARTITIONS,
  model_timeout_seconds: 10,
}) as CrunchConfig;

const candle = (i: number) => ({ open: 100 + i, high: 101 + i, low: 99 + i, close: 100.5 + i, volume: 1 });

/** What one record took, in milliseconds. */
interface Sample {
  readonly endToEnd: number;
  /** from the first model call to the last answer, over all partitions */
  readonly calls: number;
  readonly stages: Readonly<Record<string, number>>;
}

async function measure(log: EventLog, models: number): Promise<{ withLog: Sample[]; without: number[] }> {
  const child = fork(new URL('./support/models.ts', import.meta.url), [String(models)], {
    execArgv: ['--import', 'tsx'],
  });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  let rounds: { message: Message; publishedUs: number; atUs: number }[] = [];
  let complete: () => void = () => undefined;
  const context = {
    log: watched(log, (message, publishedUs, atUs) => {
      rounds.push({ message, publishedUs, atUs });
      if (rounds.length === PARTITIONS) complete();
    }),
    config,
    configHash: 'bench',
    pace: 'replay' as const,
    logger: createLogger('error'),
    metrics: new Registry(),
  };
  const modelIds = Array.from({ length: models }, (_, i) => String(i + 1));
  const publisher = log.publisher();
  const hash = { config_hash: 'bench', pace: 'replay' as const, partitions: PARTITIONS, cycle_seconds: 60 };
  const activated = { revision: 0, ...hash, ensembles: [], config: {} };
  await publisher.append(control, {
    event: ConfigActivated.at(instantOfMillis(START), activated),
    natsSubject: 'control.config',
  });
  const predict = startPredict(context, { orchestratorUrl: url, expectedModels: modelIds });
  predict.ended.catch((error: unknown) => {
    throw error;
  });
  const pool = connectModels({ orchestratorUrl: url, crunchId: 'bench', baseClassname: 'cruncher.ModelBaseClass' });
  await pool.settled(modelIds, AbortSignal.timeout(60_000));

  let records = 0;
  async function throughTheLog(): Promise<Sample> {
    const i = records++;
    rounds = [];
    const done = new Promise<void>((resolve) => {
      complete = resolve;
    });
    const ts_event = START + i * 1000;
    const event = FeedRecorded.at(instantOfMillis(ts_event + 1000), { ...FEED, ts_event, values: candle(i) });
    const publishedUs = nowUs();
    const timing = { feed_received_us: publishedUs, feed_normalized_us: publishedUs, notify_sent_us: publishedUs };
    await publisher.append(feeds, { event, natsSubject: feedNatsSubject(FEED), obs: { timing } });
    const feedAckUs = nowUs();
    await done;
    return sampleOf(publishedUs, feedAckUs);
  }

  function sampleOf(publishedUs: number, feedAckUs: number): Sample {
    const stamps = rounds.map(({ message, ...seen }) => ({ ...(message.obs?.timing as unknown as Stamps), ...seen }));
    const last = Math.max(...stamps.map(({ atUs }) => atUs));
    const first = (name: keyof Stamps): number => Math.min(...stamps.map((stamp) => stamp[name]));
    const final = (name: keyof Stamps): number => Math.max(...stamps.map((stamp) => stamp[name]));
    const ms = (from: number, to: number): number => Math.max(0, to - from) / 1000;
    const received = first('notify_received_us');
    const loaded = first('data_loaded_us');
    const dispatched = first('models_dispatched_us');
    const completed = final('models_completed_us');
    const timed = final('publishedUs');
    return {
      endToEnd: ms(publishedUs, last),
      calls: ms(dispatched, completed),
      // As in the API's timing report. The record is read while it is being acknowledged; feed_update is sent with
      // predict and belongs to model_execution; there is no hook, and nothing to normalise on the way in.
      stages: {
        feed_ingestion: 0,
        feed_persistence: ms(publishedUs, feedAckUs),
        notify_latency: ms(publishedUs, received),
        data_loading: ms(received, loaded),
        pre_model: ms(loaded, dispatched),
        model_execution: ms(dispatched, completed),
        post_model: ms(completed, timed),
        callback_execution: 0,
        prediction_persistence: ms(timed, last),
        end_to_end: ms(publishedUs, last),
      },
    };
  }

  const input = (i: number): JsonObject => ({
    symbol: 'BTCUSDT',
    asof_ts: START / 1000 + i,
    candles_1m: Array.from({ length: WINDOW }, (_, k) => ({ ts: START / 1000 + i - WINDOW + k, ...candle(i + k) })),
  });
  async function withoutALog(i: number): Promise<number> {
    const from = performance.now();
    const limits = { deadlineMs: 10_000, patient: true };
    const update = encodeCall('feed_update', [{ type: 'JSON', value: input(i) }]);
    const ask = encodeCall('predict', [
      { type: 'STRING', value: 'BTCUSDT' },
      { type: 'INT', value: 60 },
      { type: 'INT', value: 15 },
    ]);
    const answers = await Promise.all(
      modelIds.flatMap((modelId) => [pool.call(modelId, update, limits), pool.call(modelId, ask, limits)]),
    );
    const failed = answers.find(({ status }) => status !== 'SUCCESS');
    if (failed) throw new Error(`a model call failed: ${failed.error_code} ${failed.message}`);
    return performance.now() - from;
  }

  for (let i = 0; i < Math.max(WARM_UP, WINDOW); i++) await throughTheLog();
  for (let i = 0; i < WARM_UP; i++) await withoutALog(i);
  const withLog: Sample[] = [];
  const without: number[] = [];
  while (withLog.length < ROUNDS) {
    for (let i = 0; i < BLOCK; i++) withLog.push(await throughTheLog());
    for (let i = 0; i < BLOCK; i++) without.push(await withoutALog(i));
  }
  await predict.stop();
  await pool.close();
  await publisher.close();
  await gone(child);
  return { withLog, without };
}

interface Stamps {
  readonly notify_received_us: number;
  readonly data_loaded_us: number;
  readonly models_dispatched_us: number;
  readonly models_completed_us: number;
  readonly publishedUs: number;
  readonly atUs: number;
}

async function gone(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
}

const folder = await tempDir('crunch-bench-');
const found = await findNatsServer();
const server = await startNatsServer({ binary: found.path, storeDir: folder.path });
const results: Record<string, unknown>[] = [];
try {
  for (const models of [1, 10, 50]) {
    const log = await connectLog({ url: server.url, namespace: namespaceOf(`bench_${models}`) });
    await log.ensureStreams(allStreams);
    const { withLog, without } = await measure(log, models);
    await log.close();
    const endToEnd = withLog.map((sample) => sample.endToEnd);
    const rest = withLog.map((sample) => sample.endToEnd - sample.calls);
    results.push({
      models,
      rounds: withLog.length,
      end_to_end_ms: summary(endToEnd),
      without_log_ms: summary(without),
      ratio_p50: rounded(percentile(endToEnd, 50) / percentile(without, 50)),
      besides_calls_p50_ms: rounded(percentile(rest, 50)),
      stages_ms: Object.fromEntries(
        Object.keys(withLog[0]?.stages ?? {}).map((stage) => [
          stage,
          summary(withLog.map((s) => s.stages[stage] ?? 0)),
        ]),
      ),
    });
    show(results.at(-1) as never);
  }
} finally {
  await server.stop();
  await folder.remove();
}
const facts = { bench: 'predict-roundtrip', nats_server: found.version, ...machine(), results };
process.stdout.write(`${JSON.stringify(facts)}\n`);

type Figures = ReturnType<typeof summary>;
function show(result: {
  models: number;
  rounds: number;
  ratio_p50: number;
  besides_calls_p50_ms: number;
  without_log_ms: Figures;
  stages_ms: Record<string, Figures>;
}): void {
  const table = tableOf([`${result.models} models, ${result.rounds} rounds`, 'mean', 'p50', 'p90', 'p99']);
  const row = (name: string, { mean, p50, p90, p99 }: Figures) => table.push([name, mean, p50, p90, p99]);
  for (const [stage, figures] of Object.entries(result.stages_ms)) row(stage, figures);
  row('same calls, no log', result.without_log_ms);
  process.stdout.write(
    `${table.toString()}\nms; ratio at p50 ${result.ratio_p50}, everything but the calls ${result.besides_calls_p50_ms} ms at p50\n`,
  );
}
