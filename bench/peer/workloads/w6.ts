/** W6: from a feed record handed in to the predictions of all models being durable, models over real gRPC. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connectModels } from '@crunch-node/models';
import { activateConfig } from '@crunch-node/operations/activate';
import { startPredict } from '@crunch-node/predict';
import { createLogger } from '@crunch-node/service';
import { FeedRecorded, feedNatsSubject, feeds, instantOfMillis, type RoundPredicted } from '@crunch-node/streams';
import { Registry } from 'prom-client';
import { cpuOfTree } from '../../support/process-tree.ts';
import { mean, percentile } from '../../support/statistics.ts';
import { nowUs, watched } from '../../support/watched-log.ts';
import { competition } from '../competition.ts';
import { DURABLE, type Durability, type OwnLog, withLog } from '../own-log.ts';
import { disconnected, emptyDatabase, startReference } from '../reference.ts';
import type { Row, Setting } from '../row.ts';
import { candle, START } from '../synthetic.ts';

const WINDOW = 120;
const WARM_UP = 20;
/** Ticks of one system before the other one has its turn. */
const BLOCK = 20;
const FEED = { source: 'binance', subject: 'BTCUSDT', kind: 'candle', granularity: '1m' };

/** Milliseconds of each tick, and of processor time a tick. */
interface Block {
  readonly ms: readonly number[];
  readonly cpu_ms: number;
}

interface Ticking {
  readonly title: string;
  block(ticks: number): Promise<Block>;
}

export async function w6(setting: Setting): Promise<Row[]> {
  const rows: Row[] = [];
  for (const models of setting.small ? [1, 10] : [1, 10, 50, 100]) rows.push(...(await compare(setting, models)));
  return rows;
}

async function compare({ installed, postgres, folder, small }: Setting, models: number): Promise<Row[]> {
  const ticks = small ? 40 : models < 50 ? 200 : 100;
  const host = fork(new URL('../../support/models.ts', import.meta.url), [String(models)], {
    execArgv: ['--import', 'tsx'],
  });
  const [{ url }] = (await once(host, 'message')) as [{ url: string }];
  const { hostname, port } = new URL(url);
  const environment = { MODEL_RUNNER_NODE_HOST: hostname, MODEL_RUNNER_NODE_PORT: port };
  const databaseUrl = await emptyDatabase(postgres.url, 'reference_w6');
  const reference = await startReference({ installed, folder, databaseUrl, environment });
  try {
    await reference.call('w6', 'prepare', { window: WINDOW });
    const theirs: Ticking = {
      title: 'reference',
      async block(count) {
        const before = cpuOfTree(process.pid).postgres;
        const block = await reference.call<Block>('w6', 'ticks', { count });
        const spent = ((cpuOfTree(process.pid).postgres - before) * 1000) / count;
        return { ...block, cpu_ms: block.cpu_ms + spent };
      },
    };
    const rows = await withLog('acknowledged', (acknowledged) =>
      withLog('fsynced', (fsynced) =>
        inTurns([theirs], ['acknowledged', 'fsynced'], [acknowledged, fsynced], { models, url, ticks }),
      ),
    );
    const [all, answered] = await reference.call<[number, number]>('w6', 'predictions');
    if (answered !== all || all === 0)
      throw new Error(`${answered} of ${all} predictions of the reference are answers`);
    await reference.call('w6', 'close');
    return rows;
  } finally {
    await reference.stop();
    await disconnected(host);
  }
}

interface Fleet {
  readonly models: number;
  readonly url: string;
  readonly ticks: number;
}

async function inTurns(
  [theirs]: readonly [Ticking],
  durabilities: readonly Durability[],
  logs: readonly OwnLog[],
  fleet: Fleet,
): Promise<Row[]> {
  const ours = await Promise.all(durabilities.map((durability, i) => started(logs[i]!, durability, fleet)));
  const all = [theirs, ...ours];
  const blocks = new Map<Ticking, Block[]>(all.map((one) => [one, []]));
  for (const one of all) await one.block(WARM_UP);
  for (let tick = 0; tick < fleet.ticks; tick += BLOCK) {
    for (const one of all) blocks.get(one)!.push(await one.block(BLOCK));
  }
  for (const one of ours) await one.stop();
  const of = (one: Ticking) => {
    const ms = blocks.get(one)!.flatMap((block) => block.ms);
    return { p50: percentile(ms, 50), p99: percentile(ms, 99), cpu: mean(blocks.get(one)!.map((b) => b.cpu_ms)) };
  };
  return ours.flatMap((one): Row[] => {
    const common = { workload: 'W6', unit: 'ms', durable: one.title } as const;
    const [reference, own] = [of(theirs), of(one)];
    const cpu = { referenceCpu: reference.cpu, oursCpu: own.cpu };
    return [
      { ...common, what: `${fleet.models} models, p50`, reference: reference.p50, ours: own.p50, ...cpu },
      { ...common, what: `${fleet.models} models, p99`, reference: reference.p99, ours: own.p99 },
    ];
  });
}

/** Predict in this process, so that its processor time is that of this process and of nats-server. */
async function started({ log }: OwnLog, durability: Durability, { models, url }: Fleet) {
  const config = competition();
  await activateConfig(log, config, 'bench', 'replay');
  const modelIds = Array.from({ length: models }, (_, i) => String(i + 1));
  let rounds: RoundPredicted[] = [];
  let complete: () => void = () => undefined;
  const context = {
    log: watched(log, ({ event }) => {
      rounds.push(event as RoundPredicted);
      if (rounds.length === config.partitions) complete();
    }),
    config,
    configHash: 'bench',
    pace: 'replay' as const,
    logger: createLogger('error'),
    metrics: new Registry(),
  };
  const publisher = log.publisher();
  const predict = startPredict(context, { orchestratorUrl: url, expectedModels: modelIds });
  predict.ended.catch((error: unknown) => {
    throw error;
  });
  const crunch = { orchestratorUrl: url, crunchId: 'bench', baseClassname: 'cruncher.ModelBaseClass' };
  const pool = connectModels(crunch);
  await pool.settled(modelIds, AbortSignal.timeout(60_000));
  await pool.close();
  let k = 0;
  async function tick(): Promise<number> {
    k++;
    rounds = [];
    const done = new Promise<void>((resolve) => {
      complete = resolve;
    });
    const ts_event = START + (k - 1) * 60_000;
    const event = FeedRecorded.at(instantOfMillis(ts_event + 60_000), { ...FEED, ts_event, values: candle(k) });
    const at = nowUs();
    const begun = performance.now();
    const timing = { feed_received_us: at, feed_normalized_us: at, notify_sent_us: at };
    await publisher.append(feeds, { event, natsSubject: feedNatsSubject(FEED), obs: { timing } });
    await done;
    const ms = performance.now() - begun;
    const answers = rounds.flatMap(({ data }) => data.predictions).filter(({ status }) => status === 'PENDING');
    if (answers.length !== models) throw new Error(`expected ${models} predictions, received ${answers.length}`);
    return ms;
  }
  const spent = (): number => {
    const { engine, 'nats-server': server } = cpuOfTree(process.pid);
    return (engine + server) * 1000;
  };
  for (let i = 0; i < WINDOW; i++) await tick();
  return {
    title: DURABLE[durability],
    async block(ticks: number): Promise<Block> {
      const before = spent();
      const ms: number[] = [];
      for (let i = 0; i < ticks; i++) ms.push(await tick());
      return { ms, cpu_ms: (spent() - before) / ticks };
    },
    async stop(): Promise<void> {
      await predict.stop();
      await publisher.close();
    },
  };
}
