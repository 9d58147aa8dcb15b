import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tradingExampleModels } from '@crunch-node/challenge';
import { checkpointStage } from '@crunch-node/checkpoint';
import { tradingDemoPack } from '@crunch-node/config';
import { rankStage } from '@crunch-node/rank';
import { scoreStage } from '@crunch-node/score';
import { snapshotStage } from '@crunch-node/snapshot';
import { type CyclicStage, verifyCyclic } from '@crunch-node/stages';
import {
  type CheckpointCreated,
  checkpoints,
  type LeaderboardRanked,
  leaderboards,
  type OrdersFilled,
  type PortfolioMarked,
  type SnapshotTaken,
  scores,
  snapshots,
} from '@crunch-node/streams';
import {
  digestsOf,
  eventsOf,
  freshNamespace,
  type Pipeline,
  type PipelineOptions,
  runUndisturbed,
  startPipeline,
} from './support/pipeline.ts';
import { type Servers, startServers } from './support/servers.ts';

const repository = fileURLToPath(new URL('../', import.meta.url));
const market = join(repository, process.env.CRUNCH_DATA_DIR ?? '../shared/data', 'market');
const candles = ['btcusdt', 'ethusdt'].map((pair) => join(market, `binance_spot_${pair}_1m_202401.csv.gz`));

describe('a trading competition', () => {
  let servers: Servers;
  before(async () => {
    servers = await startServers();
  });
  after(() => servers.stop());

  const trading = (feed: Readonly<Record<string, string>>, provider: string): Omit<PipelineOptions, 'namespace'> => ({
    natsUrl: servers.nats.url,
    databaseUrl: servers.postgres.url,
    config: { ...tradingDemoPack, checkpoint_interval_seconds: 1_800, feed: { ...tradingDemoPack.feed, provider } },
    models: tradingExampleModels,
    feed,
  });
  const synthetic = () => trading({ count: '48', seed: 'trade' }, 'synthetic');

  it('trades the same every time, also when it was interrupted', async () => {
    const expected = await runUndisturbed(synthetic());
    assert.ok(Number(expected.tables.fills?.split(' ')[0]) >= 48 * 2 * 6, expected.tables.fills);
    assert.deepEqual(await runUndisturbed(synthetic()), expected);
    const namespace = freshNamespace();
    for (const cycles of [8, 18]) {
      const pipeline = await startPipeline({ ...synthetic(), namespace });
      await pipeline.cycles(cycles);
      await pipeline.stop();
    }
    const last = await startPipeline({ ...synthetic(), namespace });
    await last.finished();
    await last.projected();
    await last.stop();
    assert.deepEqual(await digestsOf(servers.nats.url, servers.postgres.url, namespace), expected);
  });

  it('follows from feeds and predictions alone, on real candles', async (t) => {
    if (!candles.every((path) => existsSync(path))) {
      return t.skip(`SKIPPED: needs ${candles.join(' and ')}, set CRUNCH_DATA_DIR to the folder with the data`);
    }
    const pipeline = await startPipeline({
      ...trading({ data: candles.join(','), days: String(1.5 / 24) }, 'replay'),
      namespace: freshNamespace(),
    });
    try {
      await pipeline.finished();
      await provesItself(pipeline);
      await addsUp(pipeline);
    } finally {
      await pipeline.stop();
    }
  });
});

async function provesItself({ config, log }: Pipeline): Promise<void> {
  const stages: CyclicStage[][] = [
    Array.from({ length: config.partitions }, (_, p) => scoreStage(config, p)),
    [snapshotStage(config)],
    [rankStage(config)],
    [checkpointStage(config)],
  ];
  for (const stage of stages) {
    const verdict = await verifyCyclic(stage, log, AbortSignal.timeout(120_000));
    assert.ok(verdict.cycles >= 90, `${verdict.stream} has ${verdict.cycles} cycles`);
    assert.deepEqual(verdict.first, [], verdict.stream);
  }
}

async function addsUp({ log }: Pipeline): Promise<void> {
  const read = async <E>(stream: Parameters<typeof eventsOf>[1], type: string): Promise<E[]> =>
    (await eventsOf(log, stream)).filter((event) => event.type === type) as E[];
  const filled = await read<OrdersFilled>(scores, 'OrdersFilled');
  const marked = await read<PortfolioMarked>(scores, 'PortfolioMarked');
  const taken = await read<SnapshotTaken>(snapshots, 'SnapshotTaken');

  const fills = filled.flatMap(({ data }) => data.fills);
  assert.ok(fills.filter(({ outcome }) => outcome === 'filled').length > 150);
  assert.ok(fills.filter(({ closed }) => closed !== null).length > 25);

  for (const { data } of taken) {
    const summary = data.result_summary as Record<string, number>;
    const { net_pnl = 0, unrealized_pnl = 0, realized_pnl = 0, total_fees = 0, total_carry_costs = 0 } = summary;
    assert.equal(net_pnl, unrealized_pnl + realized_pnl - total_fees - total_carry_costs);
    assert.ok(Number.isInteger(summary.open_position_count) && (summary.max_drawdown ?? -1) >= 0);
  }

  // The fills of a model add up to its last mark.
  for (const { model_id } of tradingExampleModels) {
    const own = fills.filter((fill) => fill.model_id === model_id);
    const last = marked.findLast(({ data }) => data.model_id === model_id)?.data;
    const total = (of: (fill: (typeof own)[number]) => number): number => own.reduce((sum, fill) => sum + of(fill), 0);
    near(
      total(({ fee }) => fee),
      last?.total_fees,
    );
    near(
      total(({ closed }) => closed?.realized_pnl ?? 0),
      last?.realized_pnl,
    );
    assert.equal(own.filter(({ outcome }) => outcome === 'filled').length, last?.orders);
  }

  const board = (await read<LeaderboardRanked>(leaderboards, 'LeaderboardRanked')).at(-1)?.data.entries ?? [];
  assert.equal(board.length, tradingExampleModels.length);
  const profits = board.map(({ score }) => score.metrics.net_pnl ?? Number.NaN);
  assert.deepEqual(
    profits,
    [...profits].sort((a, b) => b - a),
  );
  assert.ok(new Set(profits).size >= 5);
  assert.ok(
    board.every(({ score }) => score.ranking.key === 'net_pnl' && score.ranking.value === score.metrics.net_pnl),
  );

  const paid = await read<CheckpointCreated>(checkpoints, 'CheckpointCreated');
  assert.ok(paid.length >= 3);
  for (const { data } of paid) {
    const rewards = data.emission.cruncher_rewards.map(({ reward_pct }) => reward_pct);
    assert.equal(
      rewards.reduce((sum, reward) => sum + reward, 0),
      1_000_000_000,
    );
    // Who stays out of the market stays in the ranking, and totals are those of the period's end.
    assert.equal(data.ranking.length, tradingExampleModels.length);
    for (const { model_id, result_summary } of data.ranking) {
      const latest = taken.findLast((one) => one.data.model_id === model_id && one.data.cycle_end <= data.period_end);
      assert.equal(result_summary.net_pnl, latest?.data.result_summary.net_pnl);
    }
  }
}

const near = (actual: number, expected: number | undefined): void =>
  assert.ok(Math.abs(actual - (expected ?? Number.NaN)) < 1e-6, `expected ${expected}, received ${actual}`);
