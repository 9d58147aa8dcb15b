import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { defineCrunch, demoPack } from '@crunch-node/config';
import type { CrunchConfig } from '@crunch-node/domain';
import { type NatsServer, startNatsServer, type TempDir, tempDir } from '@crunch-node/embedded';
import { connectLog, type EventLog } from '@crunch-node/eventlog';
import { type LocalModel, type ModelHost, startLocalOrchestrator, startModelHost } from '@crunch-node/models';
import { createLogger, type Service, type ServiceContext } from '@crunch-node/runtime';
import {
  ConfigActivated,
  control,
  type Event,
  FeedRecorded,
  FeedsCycleClosed,
  feeds,
  instantOfMillis,
  type ModelEvent,
  models as modelsStream,
  namespaceOf,
  type Pace,
  type PredictionEvent,
  partitionOf,
  predictions,
  type RoundPredicted,
  type StreamDefinition,
} from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { startPredict } from './index.ts';

const START = Date.UTC(2024, 0, 1);
const at = (minute: number): string => instantOfMillis(START + minute * 60_000);
const candle = (minute: number, subject = 'BTCUSDT'): Event =>
  FeedRecorded.at(at(minute + 1), {
    source: 'test',
    subject,
    kind: 'candle',
    granularity: '1m',
    ts_event: START + minute * 60_000,
    values: { open: 100, high: 101, low: 99, close: 100 + minute, volume: 1 },
  });
const closing = (minute: number): Event =>
  FeedsCycleClosed.at(at(minute), {
    start: minute === 1 ? null : at(minute - 1),
    end: at(minute),
    config_hash: 'test',
  });

const model = (model_id: string, predict: LocalModelObject['predict']): LocalModel => ({
  model_id,
  model_name: `model ${model_id}`,
  cruncher_id: `local-${model_id}`,
  cruncher_name: 'local-dev',
  create: () => ({ feedUpdate: () => undefined, feed_update: () => undefined, predict }),
});
/** Answers when nobody waits any more, as the faulty example does. */
const lateModel = (model_id: string): LocalModel => ({
  ...model(model_id, () => undefined),
  create() {
    let cancelled: AbortSignal | undefined;
    return {
      beginCall: (signal: AbortSignal) => {
        cancelled = signal;
      },
      feed_update: () => undefined,
      predict: () =>
        new Promise((resolve) => {
          cancelled?.addEventListener('abort', () => resolve({ value: 1 }), { once: true });
        }),
    };
  },
});
interface LocalModelObject {
  predict: (...args: readonly unknown[]) => unknown;
}

describe('predict', () => {
  let folder: TempDir;
  let server: NatsServer;
  before(async () => {
    folder = await tempDir('crunch-predict-');
    server = await startNatsServer({ binary: process.env.NATS_SERVER_BIN ?? 'nats-server', storeDir: folder.path });
  });
  after(async () => {
    await server.stop();
    await folder.remove();
  });

  interface Scene {
    readonly log: EventLog;
    readonly host: ModelHost;
    write(events: readonly Event[]): Promise<void>;
    /** once every partition has closed the minute */
    rounds(minute: number): Promise<RoundPredicted[]>;
    all<S extends StreamDefinition>(stream: S): Promise<Event[]>;
    start(): Service;
  }

  async function scene(
    locals: readonly LocalModel[],
    work: (scene: Scene) => Promise<void>,
    { pace = 'replay', partitions = 4, timeout = 1 }: { pace?: Pace; partitions?: number; timeout?: number } = {},
  ): Promise<void> {
    const host = await startModelHost({ models: locals });
    const orchestrator = await startLocalOrchestrator({ crunchId: 'demo', models: host, port: 0 });
    const namespace = namespaceOf(`t${randomBytes(6).toString('hex')}`);
    const log = await connectLog({ url: server.url, namespace, leaseSeconds: 1 });
    await log.ensureStreams([control, feeds, predictions, modelsStream]);
    const config = defineCrunch({ ...demoPack, partitions, model_timeout_seconds: timeout }) as CrunchConfig;
    const publisher = log.publisher();
    const write = async (events: readonly Event[]): Promise<void> => {
      for (const event of events) {
        const stream = event.type === 'ConfigActivated' ? control : feeds;
        const natsSubject = (stream as StreamDefinition).events
          .find(({ type }) => type === event.type)!
          .natsSubjectOf(event.data);
        await publisher.append(stream, { event, natsSubject });
      }
    };
    const data = { config_hash: 'test', pace, partitions, cycle_seconds: 60, ensembles: [], config: {} };
    await write([ConfigActivated.at(at(0), { revision: 0, ...data })]);
    const context: ServiceContext<CrunchConfig> = {
      log,
      config,
      configHash: 'test',
      pace,
      logger: createLogger('silent'),
      metrics: new Registry(),
    };
    const services: Service[] = [];
    const all = async (stream: StreamDefinition): Promise<Event[]> => {
      const { lastSequence } = await log.info(stream);
      const events: Event[] = [];
      if (lastSequence === 0) return events;
      for await (const batch of log.read(stream, { after: 0 })) {
        events.push(...batch.events.map(({ event }) => event));
        if (batch.lastSequence >= lastSequence) break;
      }
      return events;
    };
    try {
      await work({
        log,
        host,
        write,
        all,
        start() {
          const service = startPredict(context, {
            orchestratorUrl: orchestrator.url,
            expectedModels: locals.map(({ model_id }) => model_id),
          });
          services.push(service);
          return service;
        },
        async rounds(minute) {
          for (let p = 0; p < partitions; p++) await closed(log, p, at(minute), services);
          const said = (await all(predictions)) as PredictionEvent[];
          return said.filter((event) => event.type === 'RoundPredicted');
        },
      });
    } finally {
      await Promise.all(services.map((service) => service.stop()));
      await orchestrator.stop();
      host.stopAll();
      await publisher.close();
      await log.close();
    }
  }

  async function closed(log: EventLog, partition: number, end: string, services: readonly Service[]): Promise<void> {
    const deadline = performance.now() + 30_000;
    for (;;) {
      const last = await log.last(predictions, `predictions.${partition}`);
      if (last !== null && last.event.at >= end) return;
      if (performance.now() > deadline) {
        throw new Error(
          `partition ${partition} did not close ${end}: ${JSON.stringify(services.map((s) => s.health()))}`,
        );
      }
      await delay(10);
    }
  }

  const outcomes = (rounds: readonly RoundPredicted[]): Record<string, string> =>
    Object.fromEntries(
      rounds.flatMap(({ data }) =>
        data.predictions.map((p) => [
          `${p.model_id}@${data.performed_at.slice(14, 16)}`,
          [p.status, p.runner_status, p.reason].filter(Boolean).join(' '),
        ]),
      ),
    );

  it('records one round per partition, whatever its models do', () =>
    scene(
      [
        model('good', () => ({ value: 0.5 })),
        model('raises', () => {
          throw new Error('boom');
        }),
        model('nan', () => ({ value: Number.NaN })),
        model('nothing', () => undefined),
        model('garbage', () => ({ forecast: 'up' })),
        model('text', () => 'buy!'),
        model('late', () => delay(60_000, { value: 1 }, { ref: false })),
      ],
      async ({ write, rounds, start }) => {
        start();
        await write([candle(0), closing(1)]);
        const said = await rounds(1);
        assert.deepEqual(said.map(({ data }) => data.partition).sort(), [0, 1, 2, 3]);
        const result = outcomes(said);
        assert.equal(result['good@01'], 'PENDING SUCCESS');
        assert.match(result['raises@01'] ?? '', /^FAILED FAILED MODEL_FAILED: .*boom/);
        for (const bad of ['nan', 'nothing', 'garbage', 'text']) {
          assert.match(result[`${bad}@01`] ?? '', /^FAILED (SUCCESS|FAILED) ./, bad);
        }
        assert.match(result['late@01'] ?? '', /^FAILED TIMEOUT DEADLINE_EXCEEDED/);
        for (const { data } of said) {
          for (const { model_id } of data.predictions) assert.equal(partitionOf(model_id, 4), data.partition);
        }
      },
      { timeout: 0.3 },
    ));

  it('names a model that died absent, and the others go on', () =>
    scene(
      [model('lives', () => ({ value: 1 })), model('dies', () => ({ value: 2 }))],
      async ({ write, rounds, start, host }) => {
        start();
        await write([candle(0), closing(1)]);
        assert.equal(outcomes(await rounds(1))['dies@01'], 'PENDING SUCCESS');
        host.stop('dies');
        await write([candle(1), closing(2)]);
        const result = outcomes(await rounds(2));
        assert.equal(result['lives@02'], 'PENDING SUCCESS');
        assert.match(result['dies@02'] ?? '', /^(ABSENT|FAILED FAILED)/);
      },
    ));

  it('goes on with no models at all, and with one in one of many partitions', async () => {
    await scene([], async ({ write, rounds, start }) => {
      start();
      await write([candle(0), closing(1)]);
      const said = await rounds(1);
      assert.equal(said.length, 4);
      assert.deepEqual(
        said.flatMap(({ data }) => data.predictions),
        [],
      );
    });
    await scene(
      [model('only', () => ({ value: 1 }))],
      async ({ write, rounds, start }) => {
        start();
        await write([candle(0), candle(0, 'ETHUSDT'), closing(1)]);
        const said = await rounds(1);
        assert.equal(said.length, 16);
        assert.equal(said.flatMap(({ data }) => data.predictions).length, 2);
      },
      { partitions: 8 },
    );
  });

  it('cools a model down that keeps timing out, also across a restart', () =>
    scene(
      [lateModel('late')],
      async ({ write, rounds, start }) => {
        const first = start();
        await write([candle(0), closing(1), candle(1), closing(2)]);
        await rounds(2);
        await first.stop();
        start();
        await write([candle(2), closing(3), candle(3), closing(4), candle(4), closing(5)]);
        const result = outcomes(await rounds(5));
        const called = Object.values(result).filter((text) => text.includes('DEADLINE_EXCEEDED')).length;
        const skipped = Object.values(result).filter((text) => text.includes('cool-down')).length;
        assert.deepEqual([called, skipped], [2, 3]);
      },
      { timeout: 0.2 },
    ));

  it('says who takes part once, and again only when it changes', () =>
    scene(
      [model('a', () => ({ value: 1 })), model('b', () => ({ value: 1 }))],
      async ({ write, rounds, start, all }) => {
        const first = start();
        await write([candle(0), closing(1)]);
        await rounds(1);
        await first.stop();
        start();
        await write([candle(1), closing(2)]);
        await rounds(2);
        const said = (await all(modelsStream)) as ModelEvent[];
        assert.deepEqual(said.map(({ type, data }) => `${type} ${data.model_id}`).sort(), [
          'ModelJoined a',
          'ModelJoined b',
        ]);
      },
    ));

  it('skips a round that is too old to be asked honestly, live', () =>
    scene(
      [model('a', () => ({ value: 1 }))],
      async ({ write, rounds, start, all }) => {
        start();
        await write([candle(0), closing(1)]);
        assert.deepEqual(await rounds(1), []);
        const skipped = (await all(predictions)).filter(({ type }) => type === 'RoundSkipped');
        assert.equal(skipped.length, 4);
      },
      { pace: 'live' },
    ));

  it('asks nothing again after a restart in the middle of a cycle', () => {
    const asked: unknown[] = [];
    const counting = model('counts', (...args) => {
      asked.push(args);
      return { value: asked.length };
    });
    return scene([counting], async ({ write, rounds, start, log }) => {
      const first = start();
      await write([candle(0), closing(1), candle(1)]);
      const address = `predictions.${partitionOf('counts', 4)}.btcusdt-120s`;
      while ((await log.last(predictions, address))?.event.at !== at(2)) await delay(5);
      await first.stop();
      start();
      await write([candle(1, 'ETHUSDT'), closing(2)]);
      const said = await rounds(2);
      assert.equal(asked.length, 3);
      assert.deepEqual(
        said.flatMap(({ data }) => data.predictions.map((p) => p.inference_output.value)),
        [1, 2, 3],
      );
    });
  });
});
